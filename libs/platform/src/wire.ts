/** What the local-node and its clients say to each other: paths, bodies, lines of a watch. */
import { type OutsideErrorCode, outsideErrors, type WorkloadKey } from '@flyball/contracts';
import { z } from 'zod';
import type { PlatformChange, PodSeen, WorkloadSeen } from './platform.ts';
import { replicasMax } from './workload-object.ts';

/** A watch that has nothing to tell says at least this often that it lives. */
export const watchHeartbeatMs = 1_000;

/** A line of a watch is never longer. */
export const watchLineCharsMax = 1_048_576;

export const wirePaths = {
  workloads: '/v1/workloads',
  pods: '/v1/pods',
  manifests: '/v1/manifests',
  config: '/v1/config',
  watch: '/v1/watch',
} as const;

/** `/v1/workloads/<namespace>/<name>`; Kubernetes names need no escaping, others get it. */
export const workloadPath = (workload: WorkloadKey): string =>
  `${wirePaths.workloads}/${workload.split('/').map(encodeURIComponent).join('/')}`;

const workload = z.custom<WorkloadKey>(
  (value) => typeof value === 'string' && /^[^/\s]+\/[^/\s]+$/.test(value),
);
const atMs = z.int().min(0);

export const workloadSeenSchema: z.ZodType<WorkloadSeen> = z.strictObject({
  workload,
  uid: z.string(),
  resourceVersion: z.string(),
  replicas: z.int().min(0),
  fieldManager: z.string(),
  annotations: z.record(z.string(), z.string()),
  containerConcurrency: z.int().min(0),
  timeoutSeconds: z.int().min(0),
  reachable: z.boolean(),
  hosts: z.array(z.string()),
  createdAtMs: atMs,
});

export const podSeenSchema: z.ZodType<PodSeen> = z.strictObject({
  workload,
  pod: z.string(),
  address: z.string().nullable(),
  metricsAddress: z.string().nullable(),
  protocol: z.literal('h2c').optional(),
  ready: z.boolean(),
  unreadyReason: z.enum(['draining', 'crashed', 'probe-failed', 'unknown']).nullable(),
  message: z.string(),
  createdAtMs: atMs,
});

export const configDataSchema = z.record(z.string(), z.string());

/** `unseen` is never sent: it is what the client says when nothing comes. */
type SentChange = Exclude<PlatformChange, { kind: 'unseen' | 'config' }>;

/** One line of a watch; a ConfigMap that does not exist is sent as null. */
export const watchLineSchema = z.union([
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('workload'), workload: workloadSeenSchema }),
    z.strictObject({ kind: z.literal('workload-gone'), workload, uid: z.string() }),
    z.strictObject({ kind: z.literal('pod'), pod: podSeenSchema }),
    z.strictObject({ kind: z.literal('pod-gone'), workload, pod: z.string() }),
    z.strictObject({ kind: z.literal('listing') }),
    z.strictObject({ kind: z.literal('listed') }),
  ]) satisfies z.ZodType<SentChange>,
  z.strictObject({ kind: z.literal('config'), config: configDataSchema.nullable() }),
  z.strictObject({ kind: z.literal('heartbeat') }),
]);

export type WatchLine = z.infer<typeof watchLineSchema>;

const fieldManager = z.string().min(1).max(128);

export const scaleBodySchema = z.strictObject({
  replicas: z.int().min(0).max(replicasMax),
  /** Absent: whatever was written before. Stages always send it. */
  resourceVersion: z.string().max(32).optional(),
  fieldManager: fieldManager.optional(),
});

export const scaleAnswerSchema = z.strictObject({
  from: z.int().min(0),
  resourceVersion: z.string(),
});

export const routingBodySchema = z.strictObject({ routing: z.enum(['activator', 'pods']) });

export const applyQuerySchema = z.strictObject({ fieldManager: fieldManager.optional() });

/** How an error is told. */
export const wireErrorSchema = z.object({
  code: z.enum(Object.keys(outsideErrors) as [OutsideErrorCode, ...OutsideErrorCode[]]),
  message: z.string(),
  /** What may be given instead, in words. */
  allowed: z.string(),
  retriable: z.boolean(),
});

export type WireError = z.infer<typeof wireErrorSchema>;
