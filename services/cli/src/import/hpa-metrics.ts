/** The metric of a HorizontalPodAutoscaler as the class `hpa` can say it, and what it cannot. */
import type { HpaSpecMetric } from './hpa-spec.ts';
import { quantityValue } from './quantity-value.ts';
import { type Loss, lossOf } from './translation.ts';

const mebibyte = 2 ** 20;

interface ClassMetric {
  readonly metric: string;
  readonly target: number;
}

/** What class `hpa` can say of one metric, or why it cannot; whole numbers only, as in Knative. */
const classMetric = (given: HpaSpecMetric): ClassMetric | string => {
  const { resource, pods } = given;
  if (given.type === 'Resource' && resource?.name === 'cpu') {
    const { averageUtilization } = resource.target;
    if (averageUtilization !== undefined) return { metric: 'cpu', target: averageUtilization };
    return 'Under class hpa a target of cpu is a percentage of the request (averageUtilization).';
  }
  if (given.type === 'Resource' && resource?.name === 'memory') {
    const bytes = quantityValue(resource.target.averageValue ?? '');
    if (bytes !== undefined && bytes >= mebibyte)
      return { metric: 'memory', target: bytes / mebibyte };
    return 'Under class hpa a target of memory is an averageValue of whole mebibytes.';
  }
  if (given.type === 'Pods' && pods !== undefined) {
    const value = quantityValue(pods.target.averageValue ?? '');
    if (value !== undefined && value >= 1) return { metric: pods.metric.name, target: value };
    return 'Under class hpa a target of a metric of pods is a whole averageValue of at least 1.';
  }
  return `Flyball's class hpa has no metrics of type ${given.type}.`;
};

/** Names that would be read as another metric than the one of the pods. */
const takenNames = ['cpu', 'memory'];

const selectorLoss = (path: string, { pods }: HpaSpecMetric): Loss[] =>
  pods?.metric.selector === undefined
    ? []
    : [
        lossOf(
          `${path}.pods.metric.selector`,
          pods.metric.selector,
          'Class hpa names a metric without a selector: all of its series count.',
        ),
      ];

const roundingLoss = (path: string, given: HpaSpecMetric, target: number): Loss[] =>
  Number.isInteger(target)
    ? []
    : [lossOf(path, given, `Targets of class hpa are whole: ${Math.trunc(target)} is used.`)];

export interface MetricsRead {
  readonly chosen: ClassMetric | undefined;
  readonly losses: readonly Loss[];
}

/** The first metric that class `hpa` can say; it has one only. */
export const readHpaMetrics = (metrics: readonly HpaSpecMetric[]): MetricsRead => {
  let chosen: ClassMetric | undefined;
  const losses: Loss[] = [];
  for (const [index, given] of metrics.entries()) {
    const path = `spec.metrics[${index}]`;
    const said = classMetric(given);
    if (typeof said === 'string') losses.push(lossOf(path, given, said));
    else if (given.type === 'Pods' && takenNames.includes(said.metric)) {
      losses.push(lossOf(path, given, `Under class hpa ${said.metric} is that of the processor.`));
    } else if (chosen === undefined) {
      chosen = { metric: said.metric, target: Math.trunc(said.target) };
      losses.push(...roundingLoss(path, given, said.target), ...selectorLoss(path, given));
    } else {
      const message = `Class hpa has one metric, here ${chosen.metric}: this one no longer counts.`;
      losses.push(lossOf(path, given, message));
    }
  }
  return { chosen, losses };
};
