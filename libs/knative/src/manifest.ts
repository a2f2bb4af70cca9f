/** What Flyball takes from a manifest: plain data that a node can store and a watcher can state. */
import { z } from 'zod';
import { largestContainerConcurrency, largestTimeoutSeconds } from './annotation-settings.ts';

const sourceSchema = z.strictObject({ file: z.string(), line: z.int().min(0) });

/** Kubernetes' own limit for the name of a Deployment. */
const name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
  .max(253);
const namespace = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
  .max(63);

export const workloadManifestSchema = z.strictObject({
  /** `Service` is Knative's. */
  kind: z.enum(['Service', 'Deployment']),
  namespace,
  name,
  /** Those that scaling looks at: of `autoscaling.knative.dev/`, `flyball.dev/`, and a few more. */
  annotations: z.record(z.string(), z.string()),
  /** The pods' own labels; absent without any. */
  labels: z.record(z.string(), z.string()).optional(),
  /** Requests in flight that one pod may have; 0: no limit. */
  containerConcurrency: z.int().min(0).max(largestContainerConcurrency),
  timeoutSeconds: z.int().min(1).max(largestTimeoutSeconds),
  image: z.string().optional(),
  /** How a pod is started where there are no containers: program and arguments, no shell. */
  command: z.array(z.string()).min(1).optional(),
  env: z.record(z.string(), z.string()),
  /** The Deployment's own number at the start. */
  replicas: z.int().min(0).optional(),
  /** The port that the container says it serves. */
  port: z.int().min(1).max(65_535).optional(),
  source: sourceSchema,
});

export type WorkloadManifest = z.infer<typeof workloadManifestSchema>;

/** The ConfigMap `config-autoscaler`. */
export const configManifestSchema = z.strictObject({
  kind: z.literal('ConfigMap'),
  namespace,
  name: z.literal('config-autoscaler'),
  data: z.record(z.string(), z.string()),
  source: sourceSchema,
});

export type ConfigManifest = z.infer<typeof configManifestSchema>;

export const manifestSchema = z.discriminatedUnion('kind', [
  workloadManifestSchema,
  configManifestSchema,
]);

export type Manifest = z.infer<typeof manifestSchema>;
