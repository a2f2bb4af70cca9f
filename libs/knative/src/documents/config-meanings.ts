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
    means: 'requests in flight per pod, where neither target nor containerConcurrency says',
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
    means: 'at most so many times the ready pods in one decision',
    knative: same,
  },
  maxScaleDownRate: {
    means: 'at least the pods that are up or starting, divided by this, stay in one decision',
    knative: 'counts only those that are ready (fix 10)',
  },
  scaleDownDelayMs: {
    ...asAnnotated(annotationMeanings.scaleDownDelayMs),
    knative: 'sets no upper limit; a change does not reach a workload that runs already',
  },
  minScale: asAnnotated(annotationMeanings.minScale),
  maxScale: asAnnotated(annotationMeanings.maxScale),
  maxScaleLimit: {
    means: 'what no max-scale may exceed; with it max-scale must be set',
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
