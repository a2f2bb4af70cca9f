/** What the node reads of a pod; the API server has filled in the defaults. */
import { z } from 'zod';
import { type ApiObject, objectSchema } from '../api/api-client.ts';

const named = z.object({ name: z.string(), value: z.string().optional() });
const keyOf = z.object({ name: z.string(), key: z.string(), optional: z.boolean().optional() });
const valueFrom = z.looseObject({
  fieldRef: z.object({ fieldPath: z.string() }).optional(),
  secretKeyRef: keyOf.optional(),
  configMapKeyRef: keyOf.optional(),
});

const wanted = z.object({ port: z.union([z.int(), z.string()]) });
const httpGetSchema = wanted
  .extend({ path: z.string().default('/'), host: z.string().optional(), scheme: z.string() })
  .extend({ httpHeaders: z.array(named).default([]) });
export type HttpGet = z.infer<typeof httpGetSchema>;

const probeSchema = z.looseObject({
  httpGet: httpGetSchema.optional(),
  tcpSocket: wanted.optional(),
  initialDelaySeconds: z.number().default(0),
  periodSeconds: z.number().default(10),
  timeoutSeconds: z.number().default(1),
  successThreshold: z.number().default(1),
  failureThreshold: z.number().default(3),
});
export type ReadinessProbe = z.infer<typeof probeSchema>;

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string().default(''),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  env: z.array(named.extend({ valueFrom: valueFrom.optional() })).default([]),
  envFrom: z
    .array(
      z.object({
        prefix: z.string().default(''),
        secretRef: z.object({ name: z.string() }).optional(),
        configMapRef: z.object({ name: z.string() }).optional(),
      }),
    )
    .default([]),
  ports: z.array(z.object({ name: z.string().optional(), containerPort: z.int() })).default([]),
  readinessProbe: probeSchema.optional(),
  lifecycle: z
    .looseObject({ preStop: z.looseObject({ httpGet: httpGetSchema.optional() }).optional() })
    .optional(),
});
export type ContainerSpec = z.infer<typeof containerSchema>;

const podSchema = objectSchema.extend({
  spec: z.looseObject({
    containers: z.array(containerSchema),
    initContainers: z.array(z.looseObject({})).default([]),
    restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).default('Always'),
    serviceAccountName: z.string().default('default'),
  }),
  status: z.looseObject({ phase: z.string().default('Pending') }).default({ phase: 'Pending' }),
});
export type PodObject = z.infer<typeof podSchema>;

/** Throws when the object is not a pod. */
export const podOf = (object: ApiObject): PodObject => podSchema.parse(object);

/** `/api/v1/namespaces/<namespace>/pods/<name>` */
export const podPath = ({ metadata }: PodObject): string =>
  `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
