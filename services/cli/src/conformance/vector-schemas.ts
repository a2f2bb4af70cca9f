/** The shapes of the vectors: what a case gives, and what Knative answered to it. */
import { z } from 'zod';

const atMs = z.int();
const pods = z.int().min(0);
/** What JSON cannot hold is written as text. */
const real = z.union([
  z.number(),
  z.enum(['NaN', 'Infinity', '-Infinity']).transform((text) => Number(text)),
]);
const texts = z.record(z.string(), z.string());
/** Values by name, compared one by one. */
const answers = z.record(z.string(), z.unknown());

const named = { name: z.string(), description: z.string().optional() };

const settings = {
  config: texts,
  annotations: texts,
  /** 0: no limit. */
  containerConcurrency: z.int().min(0).default(0),
  /** Stronger than the annotation. */
  metric: z.string().optional(),
  /** Absent: not known, which counts as reachable. */
  reachable: z.boolean().optional(),
};

const settingsSchema = z.object(settings);

const scaleEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('sample'),
    atMs,
    concurrency: real.default(0),
    requestsPerSecond: real.default(0),
    /** What the activator has counted already. */
    proxiedConcurrency: real.default(0),
    proxiedRequestsPerSecond: real.default(0),
    /** The time that it is recorded under, when not `atMs`. */
    sampleMs: atMs.optional(),
  }),
  z.object({
    kind: z.literal('ready'),
    atMs,
    pods: pods.optional(),
    /** `NotFound` is no pods; with any other the platform is not seen. */
    error: z.string().optional(),
  }),
  z.object({ kind: z.literal('update'), atMs, revision: settingsSchema }),
  z.object({ kind: z.literal('tick'), atMs }),
]);

const scaleSchema = z.object({
  ...named,
  ...settings,
  startMs: atMs,
  readyPodsAtStart: pods.default(0),
  events: z.array(scaleEvent),
  expected: z.object({
    resolved: answers,
    panickingAtStart: z.boolean(),
    updates: z.array(answers).default([]),
    ticks: z.array(answers),
  }),
});

const countOf = (events: readonly { readonly kind: string }[], kind: string): number =>
  events.filter((event) => event.kind === kind).length;

const completeScaleSchema = scaleSchema
  .refine(({ events, expected }) => countOf(events, 'tick') === expected.ticks.length, {
    path: ['expected', 'ticks'],
    error: 'there must be one for each tick of the events',
  })
  .refine(({ events, expected }) => countOf(events, 'update') === expected.updates.length, {
    path: ['expected', 'updates'],
    error: 'there must be one for each update of the events',
  });

const resolveSchema = z.object({
  ...named,
  ...settings,
  expected: z.union([z.object({ resolved: answers }), z.object({ error: z.string() })]),
});

const configSchema = z.object({
  ...named,
  config: texts,
  expected: z.union([
    z.object({ valid: z.literal(true), resolved: answers }),
    z.object({ valid: z.literal(false), error: z.string() }),
  ]),
});

const annotationsSchema = z.object({
  ...named,
  config: texts.default({}),
  annotations: texts,
  expected: z.object({
    valid: z.boolean(),
    errors: z.array(z.object({ message: z.string(), paths: z.array(z.string()) })),
  }),
});

const lifecycleStep = z.object({
  atMs,
  /** The last want; -1: none yet. Absent fields stay as they were. */
  desiredScale: z.int().min(-1).optional(),
  excessBurstCapacity: z.int().optional(),
  pods: z
    .object({
      ready: pods.default(0),
      notReady: pods.default(0),
      pending: pods.default(0),
      terminating: pods.default(0),
    })
    .optional(),
  sksExists: z.boolean().optional(),
  sksReady: z.boolean().optional(),
  /** Since when the activator backs the service; -1: it does not. */
  proxySinceMs: atMs.optional(),
  /** What asking the service for the activator answers. */
  probe: z.enum(['yes', 'no', 'error']).optional(),
});

const lifecycleSchema = z.object({
  ...named,
  ...settings,
  /** The cluster's, for those without an annotation. */
  progressDeadlineMs: z.int().min(0).default(600_000),
  initial: z.object({
    active: z.enum(['Unknown', 'True', 'False']),
    activeSinceMs: atMs,
    scaleTargetInitialized: z.boolean(),
    replicas: pods,
    sksMode: z.enum(['Serve', 'Proxy']),
  }),
  steps: z.array(lifecycleStep),
  expected: z.object({ steps: z.array(answers) }),
});

const completeLifecycleSchema = lifecycleSchema.refine(
  ({ steps, expected }) => steps.length === expected.steps.length,
  { path: ['expected', 'steps'], error: 'there must be one for each of the steps' },
);

/** The kinds of vectors by name. */
export const vectorSchemas = {
  scale: completeScaleSchema,
  resolve: resolveSchema,
  config: configSchema,
  annotations: annotationsSchema,
  lifecycle: completeLifecycleSchema,
} as const;

export type VectorKind = keyof typeof vectorSchemas;
export type Vector<Kind extends VectorKind> = z.infer<(typeof vectorSchemas)[Kind]>;

export type VectorSettings = z.infer<typeof settingsSchema>;
export type ScaleEvent = z.infer<typeof scaleEvent>;
export type LifecycleStep = z.infer<typeof lifecycleStep>;
