/** docs/settings.md: what each annotation means here, and what Knative does with it. */
import type { AnnotationField } from '../annotation-settings.ts';

export interface Meaning {
  readonly means: string;
  /** What Knative does; `same` where that is no different. */
  readonly knative: string;
}

export const same = 'the same';
const unknownToKnative = 'unknown there';

export const annotationMeanings: Readonly<Record<AnnotationField, Meaning>> = {
  class: {
    means:
      'who scales: Flyball, a HorizontalPodAutoscaler (on a cluster), or somebody else; ' +
      'workloads of other classes are left alone',
    knative: same,
  },
  metric: {
    means: 'what is measured: requests in flight, or requests per second',
    knative: same,
  },
  metricAggregationAlgorithm: {
    means: 'how a window is averaged: all seconds equally, or the newest with the most weight',
    knative: 'the same; checked only if the class is given',
  },
  target: {
    means:
      'what one pod can take, in the unit of the metric; with containerConcurrency the smaller ' +
      'of the two',
    knative: same,
  },
  targetUtilizationPercentage: {
    means: 'the share of the target that is aimed for, in per cent',
    knative: same,
  },
  targetBurstCapacity: {
    means:
      'spare capacity for bursts, in requests in flight: the activator is in the path while the ' +
      'pods have less. -1: always, 0: only at zero',
    knative: 'the same; it leaves the path without a margin (fix 12)',
  },
  windowMs: {
    means: 'the time over which load is averaged; for class hpa both stabilization windows',
    knative: same,
  },
  panicWindowPercentage: {
    means: 'the share of the window that is the panic window, rounded to seconds, 1 s at least',
    knative: same,
  },
  panicThresholdPercentage: {
    means: 'panic begins when the panic window has this share of what the pods are asked to take',
    knative: 'judges the pods rounded up (fix 9), and only those that are ready (fix 10)',
  },
  scaleDownDelayMs: {
    means: 'never fewer pods than the largest decision within this time',
    knative: 'a change does not reach a workload that already runs',
  },
  scaleToZeroPodRetentionPeriodMs: {
    means: 'the last pod stays at least this long after the decision for zero',
    knative: same,
  },
  minScale: {
    means: 'never fewer pods; does not hold if nothing routes to the workload',
    knative: 'the same; Knative 0.7 kept it always',
  },
  maxScale: { means: 'never more pods; 0 is no limit', knative: same },
  initialScale: {
    means: 'pods that a new workload starts with',
    knative: 'the same; it may exceed max-scale (fix 8)',
  },
  activationScale: { means: 'the smallest scale that is not zero', knative: same },
  progressDeadlineMs: {
    means: 'a pod that is not ready by then counts as failed; panic no longer waits for it',
    knative: 'the same, for the revision; panic waits for no pod (fix 11)',
  },
  behaviour: {
    means: 'Knative’s rules with the numbered fixes, or exactly as they are',
    knative: unknownToKnative,
  },
  algorithm: {
    means: 'the version of the rules; without it the newest that every decider knows',
    knative: unknownToKnative,
  },
  tolerancePercentage: {
    means: 'the dead band: a load this close to what the pods are asked to take moves nothing',
    knative: 'has none',
  },
  queueProxy: { means: 'a queue-proxy in each pod', knative: 'always has one' },
  enabled: { means: 'opts a Deployment in or out', knative: unknownToKnative },
  minScaleWhenUnreachable: {
    means: 'min-scale holds even if nothing routes to the workload',
    knative: 'only 0.7 did so',
  },
  containerConcurrency: {
    means: 'requests in flight that one pod may have, for Deployments; 0 is no limit',
    knative: 'a field of the spec',
  },
  timeoutSeconds: {
    means:
      'how long a request may wait for a pod, and then for its answer to begin, for Deployments; ' +
      'an answer that has begun is not cut by it',
    knative: 'a field of the spec',
  },
  inject: {
    means: 'on a cluster: the webhook adds a queue-proxy to each pod',
    knative: 'always has one',
  },
  port: {
    means: 'where the app listens; without it the first port of its containers',
    knative: 'a field of the spec',
  },
  metricsConcurrency: {
    means:
      'the gauges that add up to the requests in flight; read instead of queue-proxies, see ' +
      'kubernetes/metrics-sources.md',
    knative: unknownToKnative,
  },
  metricsRequests: {
    means: 'the counters of requests; their rate is the value of the metric rps',
    knative: unknownToKnative,
  },
  metricsUrl: {
    means: 'metrics pages with series of the workload, such as an ingress’; all must answer',
    knative: unknownToKnative,
  },
  metricsPort: { means: 'the port of each pod’s metrics page', knative: unknownToKnative },
  metricsPath: { means: 'the path of that page', knative: unknownToKnative },
  metricsAbsent: {
    means: 'what a page without such a series means: unknown load (blind), or no load (zero)',
    knative: unknownToKnative,
  },
};
