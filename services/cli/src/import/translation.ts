/** What an object of another autoscaler becomes: settings, steps in order, and what is lost. */
import { z } from 'zod';

const objectNameSchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
});

/** An object of the cluster. */
export type ObjectName = z.infer<typeof objectNameSchema>;

const lossSchema = z.strictObject({
  /** Where in the object, such as `spec.pathPrefixes`. */
  path: z.string(),
  /** As it was written, in JSON. */
  value: z.string(),
  /** What becomes of it, as a sentence. */
  message: z.string(),
});

/** A setting without a counterpart. */
export type Loss = z.infer<typeof lossSchema>;

const jsonObject = z.record(z.string(), z.unknown());
const why = z.string();

const stepSchema = z.discriminatedUnion('action', [
  /** A JSON merge patch: null takes a field away. */
  z.strictObject({ action: z.literal('patch'), object: objectNameSchema, patch: jsonObject, why }),
  z.strictObject({
    action: z.literal('create'),
    object: objectNameSchema,
    manifest: jsonObject,
    why,
  }),
  z.strictObject({ action: z.literal('delete'), object: objectNameSchema, why }),
  /** Something that only a person can do or judge; what comes after it waits for it. */
  z.strictObject({ action: z.literal('by-hand'), why }),
]);

export type Step = z.infer<typeof stepSchema>;

/** One object read, and what it becomes. Part of the stable output of `import -o json`. */
export const translationSchema = z.strictObject({
  from: objectNameSchema,
  /** What is scaled: null when it could not be taken over. */
  workload: z.string().nullable(),
  /** Why it could not be taken over; null when it could. */
  refused: z.string().nullable(),
  /** The settings of the Deployment. */
  annotations: z.record(z.string(), z.string()),
  losses: z.array(lossSchema),
  /** What is good to know besides. */
  notes: z.array(z.string()),
  steps: z.array(stepSchema),
});

export type Translation = z.infer<typeof translationSchema>;

/** Nothing of it can be taken over, for this reason. */
export const refusal = (from: ObjectName, refused: string): Translation => ({
  ...{ from, workload: null, refused, annotations: {}, losses: [], notes: [], steps: [] },
});

const shownMax = 120;

const shownValue = (value: unknown): string => {
  const text = JSON.stringify(value) ?? '';
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
};

export const lossOf = (path: string, value: unknown, message: string): Loss => ({
  path,
  value: shownValue(value),
  message,
});

/** `HorizontalPodAutoscaler default/web`; Kubernetes has a Service of its own beside Knative's. */
export const shownName = ({ apiVersion, kind, namespace, name }: ObjectName): string => {
  const isKnative = kind === 'Service' && apiVersion.startsWith('serving.knative.dev/');
  return `${isKnative ? 'Knative Service' : kind} ${namespace}/${name}`;
};

export const deploymentName = (namespace: string, name: string): ObjectName => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name },
});

export const serviceName = (namespace: string, name: string): ObjectName => ({
  ...{ apiVersion: 'v1', kind: 'Service', namespace, name },
});
