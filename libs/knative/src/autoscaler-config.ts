/** The cluster-wide settings: every key of the ConfigMap `config-autoscaler` and its default. */
import { currentAlgorithm } from '@flyball/contracts';
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

export interface AutoscalerValues {
  readonly containerConcurrencyTargetFraction: number;
  readonly containerConcurrencyTargetDefault: number;
  readonly requestsPerSecondTargetDefault: number;
  readonly targetBurstCapacity: number;
  readonly stableWindowMs: number;
  readonly panicWindowPercentage: number;
  readonly panicThresholdPercentage: number;
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
  readonly enableScaleToZero: boolean;
  readonly scaleToZeroGracePeriodMs: number;
  readonly scaleToZeroPodRetentionPeriodMs: number;
  readonly podAutoscalerClass: string;
  readonly activatorCapacity: number;
  readonly initialScale: number;
  readonly allowZeroInitialScale: boolean;
  readonly minScale: number;
  readonly maxScale: number;
  readonly maxScaleLimit: number;
  readonly scaleDownDelayMs: number;
  /** Flyball's own: which rules decide. */
  readonly behaviour: Behaviour;
  /** Flyball's own: the version of the deciding functions. */
  readonly algorithm: number;
  /** Flyball's own: the dead band, in per cent of what the wanted pods are asked to take. */
  readonly tolerancePercentage: number;
  /** Flyball's own: Knative 0.7 kept minScale for workloads that nothing routes to. */
  readonly minScaleWhenUnreachable: boolean;
  /** Knative 0.7's `panic-window`; 0: the percentage of the stable window is in force. */
  readonly panicWindowMs: number;
}

export interface AutoscalerConfig extends AutoscalerValues {
  /** The values that the ConfigMap set; all others are defaults. */
  readonly given: readonly (keyof AutoscalerValues)[];
}

export const allowedAlgorithms = `1 to ${currentAlgorithm}, a version of the deciding rules`;
export const isAlgorithm = (version: number): boolean =>
  version >= 1 && version <= currentAlgorithm;

export const allowedTolerance = '0 (no dead band) to 50';
export const isTolerance = (percentage: number): boolean => percentage >= 0 && percentage <= 50;

/** Knative's defaults, and ours for our own keys. */
export const defaultAutoscalerConfig: AutoscalerConfig = {
  containerConcurrencyTargetFraction: 0.7,
  containerConcurrencyTargetDefault: 100,
  requestsPerSecondTargetDefault: 200,
  targetBurstCapacity: 211,
  stableWindowMs: 60_000,
  panicWindowPercentage: 10,
  panicThresholdPercentage: 200,
  maxScaleUpRate: 1000,
  maxScaleDownRate: 2,
  enableScaleToZero: true,
  scaleToZeroGracePeriodMs: 30_000,
  scaleToZeroPodRetentionPeriodMs: 0,
  podAutoscalerClass: 'kpa.autoscaling.knative.dev',
  activatorCapacity: 100,
  initialScale: 1,
  allowZeroInitialScale: false,
  minScale: 0,
  maxScale: 0,
  maxScaleLimit: 0,
  scaleDownDelayMs: 0,
  behaviour: 'flyball',
  algorithm: currentAlgorithm,
  tolerancePercentage: 10,
  minScaleWhenUnreachable: false,
  panicWindowMs: 0,
  given: [],
};

/** The smallest target that a pod can be given, in requests in flight or per second. */
export const smallestTarget = 0.01;
const smallestWindowMs = 6_000;
export const largestWindowMs = 3_600_000;
/** Requests per second aim at this share of the target unless an annotation says otherwise. */
export const requestsPerSecondUtilization = 0.7;
const largestConfigDelayMs = 24 * 3_600_000;

// NaN is not refused by comparisons in Go; these say the same with the comparison turned round.
const notBelow = (limit: number) => (value: number) => !(value < limit);
const notOutside = (from: number, to: number) => (value: number) => !(value < from || value > to);
const above = (limit: number) => (value: number) => !(value <= limit);

export const isBurstCapacity = (value: number): boolean => !(value < 0 && value !== -1);
export const isWindow = (durationMs: number): boolean =>
  notOutside(smallestWindowMs, largestWindowMs)(durationMs) && isWholeSeconds(durationMs);

type Settings = { readonly [F in keyof AutoscalerValues]: Setting<AutoscalerValues[F]> };

const percentageSetting = (key: string): Setting<number> => {
  const setting = numberSetting(key, {
    allowed: 'above 0 to 1 (a fraction), or above 1 to 100 (per cent)',
    accepts: (value) => !(value <= 0 || value > 1),
  });
  return {
    ...setting,
    parse: (text) => {
      const value = setting.parse(text);
      return value !== undefined && value > 1 ? value / 100 : value;
    },
  };
};

const targetSettings = {
  containerConcurrencyTargetFraction: percentageSetting('container-concurrency-target-percentage'),
  containerConcurrencyTargetDefault: numberSetting('container-concurrency-target-default', {
    allowed: 'a number; times the percentage at least 0.01',
  }),
  requestsPerSecondTargetDefault: numberSetting('requests-per-second-target-default', {
    allowed: 'a number of at least 0.01',
    accepts: notBelow(smallestTarget),
  }),
  targetBurstCapacity: numberSetting('target-burst-capacity', {
    allowed: '-1 (always through the activator), or a number of at least 0',
    accepts: isBurstCapacity,
  }),
  activatorCapacity: numberSetting('activator-capacity', {
    allowed: 'a number of at least 1',
    accepts: notBelow(1),
  }),
};

const windowSettings = {
  stableWindowMs: durationSetting('stable-window', {
    allowed: '6s to 1h, whole seconds',
    accepts: isWindow,
  }),
  panicWindowPercentage: numberSetting('panic-window-percentage', {
    allowed: '1 to 100',
    accepts: notOutside(1, 100),
  }),
  panicThresholdPercentage: numberSetting('panic-threshold-percentage', {
    allowed: '110 to 1000',
    sound: notOutside(110, 1000),
  }),
  scaleDownDelayMs: durationSetting('scale-down-delay', {
    allowed: '0s to 24h, whole seconds',
    accepts: (value) => value >= 0 && isWholeSeconds(value),
    sound: (value) => value <= largestConfigDelayMs,
  }),
  panicWindowMs: durationSetting('panic-window', {
    allowed: '1s to the stable window, whole seconds',
    sound: (value) => value >= 1000 && value <= largestWindowMs && isWholeSeconds(value),
  }),
};

const scaleSettings = {
  maxScaleUpRate: numberSetting('max-scale-up-rate', {
    allowed: 'a number above 1',
    accepts: above(1),
  }),
  maxScaleDownRate: numberSetting('max-scale-down-rate', {
    allowed: 'a number above 1',
    accepts: above(1),
  }),
  initialScale: integerSetting('initial-scale', {
    allowed: `1 to ${largestScale}, or 0 when allow-zero-initial-scale is true`,
    related: ['allow-zero-initial-scale'],
    accepts: notBelow(0),
  }),
  minScale: integerSetting('min-scale', {
    allowed: `0 to ${largestScale}, not above max-scale`,
    accepts: notBelow(0),
  }),
  maxScale: integerSetting('max-scale', {
    allowed: `0 (unlimited) to ${largestScale}; 1 to max-scale-limit when that is set`,
    related: ['max-scale-limit'],
    accepts: notBelow(0),
  }),
  maxScaleLimit: integerSetting('max-scale-limit', {
    allowed: `0 (no limit) to ${largestScale}`,
    accepts: notBelow(0),
  }),
};

const zeroSettings = {
  enableScaleToZero: switchSetting('enable-scale-to-zero'),
  allowZeroInitialScale: switchSetting('allow-zero-initial-scale'),
  scaleToZeroGracePeriodMs: durationSetting('scale-to-zero-grace-period', {
    allowed: 'a duration above 0s',
    accepts: above(0),
  }),
  scaleToZeroPodRetentionPeriodMs: durationSetting('scale-to-zero-pod-retention-period', {
    allowed: 'a duration of at least 0s',
    accepts: notBelow(0),
  }),
};

/** Every key of the ConfigMap by the value that it sets. */
export const autoscalerSettings: Settings = {
  ...targetSettings,
  ...windowSettings,
  ...scaleSettings,
  ...zeroSettings,
  podAutoscalerClass: textSetting('pod-autoscaler-class', { allowed: 'the name of a class' }),
  behaviour: choiceSetting('behaviour', ['flyball', 'knative']),
  algorithm: integerSetting('algorithm', { allowed: allowedAlgorithms, accepts: isAlgorithm }),
  tolerancePercentage: numberSetting('tolerance-percentage', {
    allowed: allowedTolerance,
    accepts: isTolerance,
  }),
  minScaleWhenUnreachable: switchSetting('min-scale-when-unreachable'),
};

/** The keys, as in the ConfigMap. */
export const autoscalerKeys: readonly string[] = Object.values(autoscalerSettings).map(
  (setting) => setting.key,
);
