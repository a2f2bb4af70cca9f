/** A workload's whole policy as it is in force: every effective value, in our units. */
import { z } from 'zod';

const scale = z.int().min(0);
const durationMs = z.int().min(0);
const rate = z.number().gt(1);

/** The version of the deciding algorithm that new policies ask for. */
export const currentAlgorithm = 2;

/** At most so many pages make up the load of one workload. */
export const metricsPagesMax = 8;

/** Where a workload's load is read as Prometheus text, and which series it is. */
export const metricsSourceSchema = z.strictObject({
  pages: z.discriminatedUnion('from', [
    /** Pages of many workloads, such as an ingress'; all addresses of a name are asked. */
    z.strictObject({
      from: z.literal('urls'),
      urls: z.array(z.string()).min(1).max(metricsPagesMax),
    }),
    /** A page of each ready pod; without a port that at which it takes requests. */
    z.strictObject({
      from: z.literal('pods'),
      port: z.int().min(1).max(65_535).nullable(),
      path: z.string(),
    }),
  ]),
  /** Selector of gauges that add up to the requests in flight; null: none is read. */
  concurrency: z.string().nullable(),
  /** Selector of counters of requests; null: none is read. */
  requests: z.string().nullable(),
  /** What a page without such a series says: nothing (`blind`), or that there is no load. */
  absent: z.enum(['blind', 'zero']),
});

export type MetricsSource = z.infer<typeof metricsSourceSchema>;

export const policySchema = z.strictObject({
  /** `kpa.autoscaling.knative.dev` is ours; `hpa.…` belongs to an HPA; others are left alone. */
  class: z.string(),
  /** `concurrency` or `rps` for our class. */
  metric: z.string(),
  /** `knative` follows KPA digit for digit; `flyball` adds the numbered fixes. */
  behaviour: z.enum(['flyball', 'knative']),
  /** Version of the deciding functions; old versions stay in the code for old history. */
  algorithm: z.int().min(1),
  /** What one pod can take in all (before utilisation), in requests in flight or per second. */
  totalValue: z.number().positive(),
  /** What one pod is asked to take: `totalValue × targetUtilization`, at least 0.01. */
  targetValue: z.number().positive(),
  /** A fraction in (0, 1]. */
  targetUtilization: z.number().gt(0).max(1),
  /** Hard limit of requests in flight per pod; 0 is no limit. */
  containerConcurrency: z.int().min(0),
  stableWindowMs: durationMs,
  panicWindowMs: durationMs,
  /**
   * Panic starts when the panic average needs this many times the ready pods (2 = 200 %). Knative
   * does not validate the ConfigMap's; 0 or less is always in panic.
   */
  panicThreshold: z.number(),
  /**
   * A fraction: a load this much above or below what the wanted pods are asked to take moves
   * nothing. `knative` has none.
   */
  tolerance: z.number().min(0).lt(1),
  metricAggregationAlgorithm: z.enum(['linear', 'weighted-exponential']),
  maxScaleUpRate: rate,
  maxScaleDownRate: rate,
  minScale: scale,
  /** 0 is unlimited. */
  maxScale: scale,
  initialScale: scale,
  /** The smallest scale above zero; 0 when unset. */
  activationScale: scale,
  scaleDownDelayMs: durationMs,
  enableScaleToZero: z.boolean(),
  scaleToZeroGracePeriodMs: durationMs,
  scaleToZeroPodRetentionPeriodMs: durationMs,
  /** -1: the activator stays in the path; 0: only at zero. */
  targetBurstCapacity: z.number().min(-1),
  activatorCapacity: z.number().min(1),
  /** Knative 0.7 kept minScale for workloads that no route refers to; today's does not. */
  minScaleWhenUnreachable: z.boolean(),
  /** A queue-proxy stands before each pod and reports its concurrency. */
  queueProxy: z.boolean(),
  /** Read instead of queue-proxies. Absent in most policies, and in all older ones. */
  source: metricsSourceSchema.optional(),
  /** A request is answered 504 after this time without an end. */
  timeoutMs: durationMs,
  /** A workload that was asked for and is not up after this is given up as not startable. */
  progressDeadlineMs: durationMs,
});

export type Policy = z.infer<typeof policySchema>;

/** The layer that set a value; later ones win. */
export const policyLayers = [
  'default',
  'config-autoscaler',
  'annotation',
  'spec',
  'order',
] as const;

export const policyLayerSchema = z.enum(policyLayers);
export type PolicyLayer = z.infer<typeof policyLayerSchema>;

/** For each policy value the layer that set it. */
export type PolicyLayersByKey = { [Key in keyof Policy]: PolicyLayer };
