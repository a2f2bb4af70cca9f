/** Every annotation of a workload: `autoscaling.knative.dev/*` and our own `flyball.dev/*`. */
import {
  allowedAlgorithms,
  allowedTolerance,
  isAlgorithm,
  isBurstCapacity,
  isTolerance,
  isWindow,
  largestWindowMs,
  smallestTarget,
} from './autoscaler-config.ts';
import { type MetricsSourceValues, metricsSourceSettings } from './metrics-source-settings.ts';
import {
  type Behaviour,
  choiceSetting,
  durationSetting,
  integerSetting,
  isWholeSeconds,
  largestScale,
  numberSetting,
  type Setting,
  switchSetting,
  textSetting,
} from './setting.ts';

export const autoscalingPrefix = 'autoscaling.knative.dev/';
export const flyballPrefix = 'flyball.dev/';

export const kpaClass = 'kpa.autoscaling.knative.dev';
export const hpaClass = 'hpa.autoscaling.knative.dev';

/** Knative's limits of the two fields that a Knative Service has in its spec. */
export const largestContainerConcurrency = 1000;
export const largestTimeoutSeconds = 600;
export const defaultTimeoutSeconds = 300;

export interface AnnotationValues extends MetricsSourceValues {
  readonly class: string;
  readonly metric: string;
  readonly metricAggregationAlgorithm: string;
  readonly target: number;
  readonly targetUtilizationPercentage: number;
  readonly targetBurstCapacity: number;
  readonly windowMs: number;
  readonly panicWindowPercentage: number;
  readonly panicThresholdPercentage: number;
  readonly minScale: number;
  readonly maxScale: number;
  readonly initialScale: number;
  readonly activationScale: number;
  readonly scaleDownDelayMs: number;
  readonly scaleToZeroPodRetentionPeriodMs: number;
  readonly behaviour: Behaviour;
  readonly algorithm: number;
  readonly tolerancePercentage: number;
  readonly queueProxy: boolean;
  readonly enabled: boolean;
  readonly minScaleWhenUnreachable: boolean;
  readonly containerConcurrency: number;
  readonly timeoutSeconds: number;
  readonly inject: boolean;
  readonly port: number;
  /** Knative's own, of its serving group. */
  readonly progressDeadlineMs: number;
}

export type AnnotationField = keyof AnnotationValues;

type Settings = { readonly [F in AnnotationField]: Setting<AnnotationValues[F]> };

const key = (name: string): string => `${autoscalingPrefix}${name}`;
const camelOf = (name: string): string =>
  key(name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()));

// Said so that NaN passes, as it does in Knative's own comparisons.
const within = (from: number, to: number) => (value: number) => !(value < from || value > to);
const atLeast = (limit: number) => (value: number) => !(value < limit);
const positive = (value: number): boolean => value > 0;
const isPercentage = (value: number): boolean => value / 100 > 0 && value <= 100;

const percentage = (name: string, from: number, to: number, usable: (value: number) => boolean) =>
  numberSetting(key(name), {
    camelKey: camelOf(name),
    allowed: `${from} to ${to}`,
    accepts: within(from, to),
    usable,
  });

const scale = (name: string, allowed: string) =>
  integerSetting(key(name), { camelKey: camelOf(name), allowed, accepts: atLeast(0) });

const targetSettings = {
  class: textSetting(key('class'), {
    allowed: `${kpaClass}, ${hpaClass}, or a class of another domain than knative.dev`,
    accepts: (value) => value === kpaClass || value === hpaClass || !value.endsWith('.knative.dev'),
    usable: () => true,
  }),
  metric: textSetting(key('metric'), {
    allowed: `concurrency or rps; under ${hpaClass} cpu, memory or a custom metric`,
  }),
  metricAggregationAlgorithm: textSetting(key('metric-aggregation-algorithm'), {
    camelKey: camelOf('metric-aggregation-algorithm'),
    allowed: 'linear or weighted-exponential',
  }),
  target: numberSetting(key('target'), {
    allowed: `a number of at least ${smallestTarget}`,
    accepts: atLeast(smallestTarget),
    usable: positive,
  }),
  targetUtilizationPercentage: percentage('target-utilization-percentage', 1, 100, isPercentage),
  targetBurstCapacity: numberSetting(key('target-burst-capacity'), {
    camelKey: camelOf('target-burst-capacity'),
    allowed: '-1 (always through the activator), or a number of at least 0',
    accepts: isBurstCapacity,
    usable: (value) => value >= -1,
  }),
};

const windowSettings = {
  windowMs: durationSetting(key('window'), {
    allowed: '6s to 1h, whole seconds',
    accepts: isWindow,
    usable: (value) => within(1000, largestWindowMs)(value) && isWholeSeconds(value),
  }),
  panicWindowPercentage: percentage('panic-window-percentage', 1, 100, isPercentage),
  panicThresholdPercentage: percentage('panic-threshold-percentage', 110, 1000, () => true),
  scaleDownDelayMs: durationSetting(key('scale-down-delay'), {
    camelKey: camelOf('scale-down-delay'),
    allowed: '0s to 1h, whole seconds',
    accepts: (value) => within(0, largestWindowMs)(value) && isWholeSeconds(value),
    usable: within(0, largestWindowMs),
  }),
  scaleToZeroPodRetentionPeriodMs: durationSetting(key('scale-to-zero-pod-retention-period'), {
    camelKey: camelOf('scale-to-zero-pod-retention-period'),
    allowed: '0s to 1h',
    accepts: within(0, largestWindowMs),
  }),
};

const scaleSettings = {
  minScale: scale('min-scale', `0 to ${largestScale}, not above max-scale`),
  maxScale: scale('max-scale', `0 (unlimited) to ${largestScale}, within max-scale-limit`),
  initialScale: integerSetting(
    key('initial-scale'),
    {
      camelKey: camelOf('initial-scale'),
      allowed: `1 to ${largestScale}, or 0 where allow-zero-initial-scale is true`,
      accepts: atLeast(0),
      sound: (value) => value <= largestScale,
      usable: (value) => value >= 0 && value <= largestScale,
    },
    64,
  ),
  // Below 2 is judged together with min-scale and max-scale: one fault, one complaint.
  activationScale: integerSetting(key('activation-scale'), {
    allowed: `2 to ${largestScale}, from min-scale to max-scale`,
    usable: atLeast(0),
  }),
};

const isDeadline = (durationMs: number): boolean =>
  durationMs >= 1000 && isWholeSeconds(durationMs);

const servingSettings = {
  progressDeadlineMs: durationSetting('serving.knative.dev/progress-deadline', {
    allowed: '1s or more, whole seconds',
    accepts: isDeadline,
    usable: isDeadline,
  }),
};

const flyballSettings = {
  behaviour: choiceSetting<Behaviour>(`${flyballPrefix}behaviour`, ['flyball', 'knative']),
  algorithm: integerSetting(`${flyballPrefix}algorithm`, {
    allowed: allowedAlgorithms,
    accepts: isAlgorithm,
  }),
  tolerancePercentage: numberSetting(`${flyballPrefix}tolerance-percentage`, {
    allowed: allowedTolerance,
    accepts: isTolerance,
  }),
  queueProxy: switchSetting(`${flyballPrefix}queue-proxy`),
  enabled: switchSetting(`${flyballPrefix}enabled`),
  minScaleWhenUnreachable: switchSetting(`${flyballPrefix}min-scale-when-unreachable`),
  containerConcurrency: integerSetting(`${flyballPrefix}container-concurrency`, {
    allowed: `0 (no limit) to ${largestContainerConcurrency}`,
    accepts: within(0, largestContainerConcurrency),
  }),
  timeoutSeconds: integerSetting(`${flyballPrefix}timeout-seconds`, {
    allowed: `1 to ${largestTimeoutSeconds}`,
    accepts: within(1, largestTimeoutSeconds),
  }),
  inject: switchSetting(`${flyballPrefix}inject`),
  port: integerSetting(`${flyballPrefix}port`, {
    allowed: '1 to 65535',
    accepts: within(1, 65_535),
  }),
  ...metricsSourceSettings,
};

/** Every annotation by the value that it sets. */
export const annotationSettings: Settings = {
  ...targetSettings,
  ...windowSettings,
  ...scaleSettings,
  ...servingSettings,
  ...flyballSettings,
};

/** The full keys, in kebab-case. */
export const annotationKeys: readonly string[] = Object.values(annotationSettings).map(
  (setting) => setting.key,
);

/** The full keys and their camelCase spellings. */
export const annotationSpellings: ReadonlySet<string> = new Set(
  Object.values(annotationSettings).flatMap((setting) =>
    setting.camelKey === undefined ? [setting.key] : [setting.key, setting.camelKey],
  ),
);

export type Annotations = Readonly<Record<string, string>>;

const own = (annotations: Annotations, name: string): string | undefined =>
  Object.hasOwn(annotations, name) ? annotations[name] : undefined;

/** The text of a setting and the key it was written under; kebab-case wins over camelCase. */
export const findAnnotation = (
  annotations: Annotations,
  setting: Pick<Setting<unknown>, 'key' | 'camelKey'>,
): { key: string; text: string } | undefined => {
  const text = own(annotations, setting.key);
  if (text !== undefined) return { key: setting.key, text };
  const camelKey = setting.camelKey ?? setting.key;
  const camelText = own(annotations, camelKey);
  return camelText === undefined ? undefined : { key: camelKey, text: camelText };
};

/** Does a Deployment ask for Flyball: by `flyball.dev/enabled: "true"`, or by naming its class? */
export const isOptedIn = (annotations: Annotations): boolean => {
  const enabled = own(annotations, annotationSettings.enabled.key);
  if (enabled !== undefined) return annotationSettings.enabled.parse(enabled) === true;
  const className = own(annotations, annotationSettings.class.key);
  return className === kpaClass || className === hpaClass;
};
