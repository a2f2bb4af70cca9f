/** Target, window and bounds of an HTTPScaledObject as annotations. */
import { parseGoDuration } from '@flyball/knative';
import {
  httpScaledObjectDefaults as defaults,
  type HttpScaledObjectSpec,
} from './http-scaled-object-spec.ts';
import { enabled, scalingKey } from './settled-annotations.ts';
import { type Loss, lossOf } from './translation.ts';

const usualWindowMs = 60_000;

interface Scale {
  readonly annotations: Readonly<Record<string, string>>;
  readonly losses: readonly Loss[];
}

/** The add-on counts requests per piece of time; Flyball per second. */
const rateOf = (
  rate: NonNullable<NonNullable<HttpScaledObjectSpec['scalingMetric']>['requestRate']>,
): Scale => {
  const granularity = rate.granularity ?? defaults.granularity;
  const pieceMs = parseGoDuration(granularity);
  const target = rate.targetValue ?? defaults.targetValue;
  const path = 'spec.scalingMetric.requestRate.granularity';
  if (pieceMs === undefined || pieceMs <= 0) {
    const message = 'It is not a duration such as 1s; the target is taken as requests per second.';
    return {
      annotations: rateAnnotations(target, rate),
      losses: [lossOf(path, granularity, message)],
    };
  }
  return { annotations: rateAnnotations((target * 1000) / pieceMs, rate), losses: [] };
};

const rateAnnotations = (
  target: number,
  { window }: { readonly window?: string | null | undefined },
): Record<string, string> => ({
  [scalingKey('metric')]: 'rps',
  [scalingKey('target')]: String(target),
  [scalingKey('window')]: window ?? defaults.window,
});

const metricOf = ({ scalingMetric, targetPendingRequests }: HttpScaledObjectSpec): Scale => {
  const { concurrency, requestRate } = scalingMetric ?? {};
  const isRate = requestRate !== null && requestRate !== undefined;
  const isBoth = isRate && concurrency !== null && concurrency !== undefined;
  if (isRate && !isBoth) return rateOf(requestRate);
  const target = concurrency?.targetValue ?? targetPendingRequests ?? defaults.targetValue;
  const annotations = {
    [scalingKey('metric')]: 'concurrency',
    [scalingKey('target')]: String(target),
  };
  if (!isBoth) return { annotations, losses: [] };
  const message =
    'Flyball scales by one of the two: requests in flight are taken, as they show load best.';
  return { annotations, losses: [lossOf('spec.scalingMetric.requestRate', requestRate, message)] };
};

const retentionMaxMs = 3_600_000;

/** The add-on waits from the last request on; Flyball after a whole window without one. */
const retentionOf = (spec: HttpScaledObjectSpec, windowText: string | undefined): Scale => {
  const periodMs = 1000 * (spec.scaledownPeriod ?? defaults.scaledownPeriodSeconds);
  const windowMs = parseGoDuration(windowText ?? '') ?? usualWindowMs;
  const retentionMs = Math.max(0, periodMs - windowMs);
  const heldMs = Math.min(retentionMs, retentionMaxMs);
  const key = scalingKey('scale-to-zero-pod-retention-period');
  const annotations = heldMs === 0 ? {} : { [key]: `${Math.round(heldMs / 1000)}s` };
  if (heldMs === retentionMs) return { annotations, losses: [] };
  const message = 'The last pod stays for an hour after the window at most.';
  return { annotations, losses: [lossOf('spec.scaledownPeriod', spec.scaledownPeriod, message)] };
};

const boundsOf = ({ replicas }: HttpScaledObjectSpec): Record<string, string> => {
  const [min, max] = [replicas?.min ?? 0, replicas?.max ?? defaults.replicasMax];
  return {
    ...(min === 0 ? {} : { [scalingKey('min-scale')]: String(min) }),
    // To the add-on no pods at all are a bound like any other; here 0 is none.
    [scalingKey('max-scale')]: String(Math.max(1, max)),
  };
};

/** Target and bounds; the whole target is aimed for, as KEDA does. */
export const httpScaledObjectScale = (spec: HttpScaledObjectSpec): Scale => {
  const metric = metricOf(spec);
  const retention = retentionOf(spec, metric.annotations[scalingKey('window')]);
  return {
    annotations: {
      ...enabled,
      ...metric.annotations,
      [scalingKey('target-utilization-percentage')]: '100',
      ...boundsOf(spec),
      ...retention.annotations,
    },
    losses: [...metric.losses, ...retention.losses],
  };
};
