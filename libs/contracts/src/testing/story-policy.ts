/** The policy of the tests' stories. */
import { currentAlgorithm, type Policy } from '../policy.ts';

/** Knative's defaults with the articles' target: 10 a pod at 100 %, from zero and back to it. */
export const storyPolicy: Policy = {
  class: 'kpa.autoscaling.knative.dev',
  metric: 'concurrency',
  behaviour: 'flyball',
  algorithm: currentAlgorithm,
  totalValue: 10,
  targetValue: 10,
  targetUtilization: 1,
  containerConcurrency: 0,
  stableWindowMs: 60_000,
  panicWindowMs: 6_000,
  panicThreshold: 2,
  metricAggregationAlgorithm: 'linear',
  maxScaleUpRate: 1_000,
  maxScaleDownRate: 2,
  minScale: 0,
  maxScale: 0,
  initialScale: 0,
  activationScale: 0,
  scaleDownDelayMs: 0,
  enableScaleToZero: true,
  scaleToZeroGracePeriodMs: 30_000,
  scaleToZeroPodRetentionPeriodMs: 0,
  targetBurstCapacity: 211,
  activatorCapacity: 100,
  minScaleWhenUnreachable: false,
  queueProxy: false,
  timeoutMs: 300_000,
  progressDeadlineMs: 600_000,
};
