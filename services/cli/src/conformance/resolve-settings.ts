/** A vector's settings as a policy: the ConfigMap and the annotations, read as a service does. */
import type { Policy, PolicyLayersByKey } from '@flyball/contracts';
import { floorOf, initialExcessBurstCapacity } from '@flyball/domain';
import {
  autoscalingPrefix,
  hasErrors,
  parseConfigAutoscaler,
  resolvePolicy,
} from '@flyball/knative';
import type { Answers } from './difference.ts';
import type { VectorSettings } from './vector-schemas.ts';

export interface ResolvedSettings {
  readonly policy: Policy;
  readonly layers: PolicyLayersByKey;
}

/** The policy and what set it; undefined when the ConfigMap is refused. */
export const resolveSettings = (settings: VectorSettings): ResolvedSettings | undefined => {
  const { config, complaints } = parseConfigAutoscaler(settings.config, { behaviour: 'knative' });
  if (hasErrors(complaints)) return undefined;
  const { annotations, metric, containerConcurrency } = settings;
  const metricAsked = metric === undefined ? {} : { [`${autoscalingPrefix}metric`]: metric };
  return resolvePolicy({
    config,
    annotations: { ...annotations, ...metricAsked },
    containerConcurrency,
  });
};

/** The policy under the names that vectors use. */
export const resolvedAnswers = (policy: Policy, settings: VectorSettings): Answers => {
  const reachable = settings.reachable !== false;
  return {
    metric: policy.metric,
    algorithm: policy.metricAggregationAlgorithm,
    targetValue: policy.targetValue,
    totalValue: policy.totalValue,
    targetBurstCapacity: policy.targetBurstCapacity,
    activatorCapacity: policy.activatorCapacity,
    panicThreshold: policy.panicThreshold,
    maxScaleUpRate: policy.maxScaleUpRate,
    maxScaleDownRate: policy.maxScaleDownRate,
    stableWindowMs: policy.stableWindowMs,
    panicWindowMs: policy.panicWindowMs,
    scaleDownDelayMs: policy.scaleDownDelayMs,
    initialScale: policy.initialScale,
    activationScale: policy.activationScale,
    minScale: floorOf({ reachable }, policy),
    maxScale: policy.maxScale,
    reachable,
    initialExcessBurstCapacity: initialExcessBurstCapacity(policy),
  };
};

/** Vectors leave the default algorithm unnamed. */
export const namedAlgorithm = (resolved: Answers): Answers =>
  resolved.algorithm === '' ? { ...resolved, algorithm: 'linear' } : resolved;
