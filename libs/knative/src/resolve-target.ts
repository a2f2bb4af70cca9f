/** The arithmetic of a policy: the target of one pod and the length of the panic window. */
import { requestsPerSecondUtilization, smallestTarget } from './autoscaler-config.ts';
import { type Layered, latest, type PolicySources } from './policy-sources.ts';

const nanosecondsPerMs = 1e6;
const nanosecondsPerSecond = 1e9;

/**
 * What one pod can take (`totalValue`) and is asked to take (`targetValue`), in requests in flight
 * or per second. The hard limit caps the annotation only for the metric concurrency.
 */
export const targetOf = (sources: PolicySources) => {
  const total = totalOf(sources);
  const utilization = utilizationOf(sources);
  return {
    totalValue: total,
    targetUtilization: utilization,
    targetValue: {
      value: Math.max(smallestTarget, total.value * utilization.value),
      layer: latest(total.layer, utilization.layer),
    },
  };
};

const totalOf = (sources: PolicySources): Layered<number> => {
  const { asked, metric, containerConcurrency: limit } = sources;
  if (asked.target !== undefined) {
    const capped = metric === 'concurrency' && limit.value !== 0 && limit.value < asked.target;
    return capped ? limit : { value: asked.target, layer: 'annotation' };
  }
  if (metric === 'rps') return sources.fromConfig('requestsPerSecondTargetDefault');
  if (limit.value !== 0) return limit;
  // Knative lets a negative default pass where the percentage is NaN; no pod can take that.
  const fallback = sources.fromConfig('containerConcurrencyTargetDefault');
  return { ...fallback, value: fallback.value > 0 ? fallback.value : smallestTarget };
};

const utilizationOf = (sources: PolicySources): Layered<number> => {
  const percentage = sources.asked.targetUtilizationPercentage;
  if (percentage !== undefined) return { value: percentage / 100, layer: 'annotation' };
  return sources.metric === 'rps'
    ? { value: requestsPerSecondUtilization, layer: 'default' }
    : sources.fromConfig('containerConcurrencyTargetFraction');
};

/**
 * A share of the stable window, rounded to whole seconds, at least one; or the fixed length that
 * an older ConfigMap gives, at most the stable window.
 */
export const panicWindowOf = (sources: PolicySources, stable: Layered<number>): Layered<number> => {
  const asked = sources.asked.panicWindowPercentage;
  const configured = sources.fromConfig('panicWindowPercentage');
  const fixed = sources.fromConfig('panicWindowMs');
  const fixedRules = fixed.value > 0 && configured.layer === 'default' && asked === undefined;
  if (fixedRules) {
    const length = Math.min(Math.max(1000, Math.trunc(fixed.value)), stable.value);
    return { value: length, layer: fixed.layer };
  }
  // Knative computes in nanoseconds and drops what is below one before it rounds.
  const nanoseconds = Math.trunc(
    (stable.value * nanosecondsPerMs * (asked ?? configured.value)) / 100,
  );
  const seconds = Math.floor(nanoseconds / nanosecondsPerSecond + 0.5);
  return {
    value: Math.max(1, seconds) * 1000,
    layer: latest(stable.layer, asked === undefined ? configured.layer : 'annotation'),
  };
};
