/** What is read of a pod that is about to be created; the rest is passed on as it is. */
import { z } from 'zod';

const portSchema = z.looseObject({
  name: z.string().optional(),
  containerPort: z.int(),
  protocol: z.string().optional(),
});

const portRef = z.union([z.int(), z.string()]);

const probeSchema = z.looseObject({
  httpGet: z
    .looseObject({
      path: z.string().optional(),
      port: portRef,
      host: z.string().optional(),
      scheme: z.string().optional(),
      httpHeaders: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
    })
    .optional(),
  tcpSocket: z.looseObject({ port: portRef, host: z.string().optional() }).optional(),
});

const containerSchema = z.looseObject({
  name: z.string(),
  ports: z.array(portSchema).optional(),
  readinessProbe: probeSchema.optional(),
  lifecycle: z.looseObject({ preStop: z.unknown().optional() }).optional(),
});

const initContainerSchema = z.looseObject({
  name: z.string(),
  ports: z.array(portSchema).optional(),
  restartPolicy: z.string().optional(),
});

const texts = z.record(z.string(), z.string());

export const podSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string().optional(),
    generateName: z.string().optional(),
    namespace: z.string().optional(),
    annotations: texts.optional(),
    labels: texts.optional(),
    ownerReferences: z
      .array(
        z.looseObject({ kind: z.string(), name: z.string(), controller: z.boolean().optional() }),
      )
      .optional(),
  }),
  spec: z.looseObject({
    containers: z.array(containerSchema),
    initContainers: z.array(initContainerSchema).optional(),
    hostNetwork: z.boolean().optional(),
    os: z.looseObject({ name: z.string() }).optional(),
    nodeSelector: texts.optional(),
    restartPolicy: z.string().optional(),
    terminationGracePeriodSeconds: z.number().optional(),
  }),
});

export type Pod = z.infer<typeof podSchema>;
export type Container = z.infer<typeof containerSchema>;
export type Probe = z.infer<typeof probeSchema>;

/** The Deployment of a pod, by the name of its ReplicaSet: `web` of `web-5d4f8c7b9`. */
export const deploymentOf = ({ metadata }: Pod): string | undefined => {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const hash = metadata.labels?.['pod-template-hash'];
  if (owner?.kind !== 'ReplicaSet' || hash === undefined) return undefined;
  return owner.name.endsWith(`-${hash}`) ? owner.name.slice(0, -hash.length - 1) : undefined;
};
