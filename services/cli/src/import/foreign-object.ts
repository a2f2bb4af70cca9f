/** An object as a cluster or a file gives it: named, the rest as it is. */
import { z } from 'zod';
import type { ObjectName } from './translation.ts';

const texts = z.record(z.string(), z.string()).nullish();

export const foreignObjectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string().min(1),
    namespace: z.string().min(1),
    annotations: texts,
    labels: texts,
    ownerReferences: z.array(z.looseObject({ kind: z.string(), name: z.string() })).nullish(),
  }),
  spec: z.unknown().optional(),
});

export type ForeignObject = z.infer<typeof foreignObjectSchema>;

export const nameOf = ({ apiVersion, kind, metadata }: ForeignObject): ObjectName => ({
  ...{ apiVersion, kind, namespace: metadata.namespace, name: metadata.name },
});

/** `spec.replicas.max: expected number, received string`, for a person. */
export const shapeFault = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${['spec', ...path].join('.')}: ${message}`).join('; ');

/** What a cluster has besides: it makes the steps more exact, and may be unknown. */
export interface Surroundings {
  readonly deployments: ReadonlyMap<string, ForeignObject>;
  readonly services: ReadonlyMap<string, ForeignObject>;
}

export const surroundingsOf = (objects: readonly ForeignObject[]): Surroundings => {
  const keyed = (apiVersion: string, kind: string): Map<string, ForeignObject> =>
    new Map(
      objects
        .filter((object) => object.apiVersion === apiVersion && object.kind === kind)
        .map((object) => [`${object.metadata.namespace}/${object.metadata.name}`, object]),
    );
  return { deployments: keyed('apps/v1', 'Deployment'), services: keyed('v1', 'Service') };
};

const templateSchema = z.looseObject({
  template: z.looseObject({
    metadata: z.looseObject({ annotations: texts, labels: texts }).nullish(),
  }),
});

/** The annotations of a Deployment's pod template, which win over its own. */
export const templateAnnotations = (
  deployment: ForeignObject | undefined,
): Readonly<Record<string, string>> => {
  const read = templateSchema.safeParse(deployment?.spec);
  return read.data?.template.metadata?.annotations ?? {};
};
