/** docs/settings.md: what each key of config-autoscaler means, and what Knative does with it. */
import type { AutoscalerValues } from '../autoscaler-config.ts';
import { annotationMeanings, type Meaning, same } from './annotation-meanings.ts';

const asAnnotated = (meaning: Meaning): Meaning => ({
  ...meaning,
  means: `${meaning.means}; annotated workloads have their own`,
});

export const configMeanings: Readonly<Record<keyof AutoscalerValues, Meaning>> = {
  containerConcurrencyTargetFraction: {
    means:
      'the share of the target that is aimed for; up to 1 a fraction (1.0 is 100 %), above it ' +
      'per cent',
    knative: same,
  },
  containerConcurrencyTargetDefault: {
    means: 'requests in flight per pod, if neither target nor containerConcurrency is set',
    knative: same,
  },
  requestsPerSecondTargetDefault: {
    means: 'requests per second per pod under the metric rps; 70 % of it is aimed for',
    knative: same,
  },
  targetBurstCapacity: asAnnotated(annotationMeanings.targetBurstCapacity),
  activatorCapacity: {
    means: 'requests in flight that one activator takes',
    knative: same,
  },
  stableWindowMs: asAnnotated(annotationMeanings.windowMs),
  panicWindowPercentage: asAnnotated(annotationMeanings.panicWindowPercentage),
  panicThresholdPercentage: {
    ...asAnnotated(annotationMeanings.panicThresholdPercentage),
    knative: 'takes any number here; judges only ready pods, rounded up (fixes 9 and 10)',
  },
  panicWindowMs: {
    means: 'the panic window as a fixed time, at most the window; a percentage wins over it',
    knative: 'a key of 0.7; today’s ignores it',
  },
  maxScaleUpRate: {
    means: 'one decision asks for at most this many times the ready pods',
    knative: same,
  },
  maxScaleDownRate: {
    means: 'one decision keeps at least the ready and starting pods divided by this',
    knative: 'counts only ready pods (fix 10)',
  },
  scaleDownDelayMs: {
    ...asAnnotated(annotationMeanings.scaleDownDelayMs),
    knative: 'sets no upper limit; a change does not reach a workload that already runs',
  },
  minScale: asAnnotated(annotationMeanings.minScale),
  maxScale: asAnnotated(annotationMeanings.maxScale),
  maxScaleLimit: {
    means: 'the largest max-scale allowed; with it max-scale must be set',
    knative: same,
  },
  initialScale: asAnnotated(annotationMeanings.initialScale),
  allowZeroInitialScale: { means: 'whether initial-scale may be 0', knative: same },
  enableScaleToZero: { means: 'whether the last pod may go', knative: same },
  scaleToZeroGracePeriodMs: {
    means: 'how long the last pod stays after the decision for zero, behind the activator',
    knative: 'the same; with a burst capacity of -1 it does not ask for the activator (fix 6)',
  },
  scaleToZeroPodRetentionPeriodMs: {
    ...asAnnotated(annotationMeanings.scaleToZeroPodRetentionPeriodMs),
  },
  podAutoscalerClass: { means: 'who scales workloads that name no class', knative: same },
  behaviour: asAnnotated(annotationMeanings.behaviour),
  algorithm: asAnnotated(annotationMeanings.algorithm),
  tolerancePercentage: asAnnotated(annotationMeanings.tolerancePercentage),
  minScaleWhenUnreachable: asAnnotated(annotationMeanings.minScaleWhenUnreachable),
};
