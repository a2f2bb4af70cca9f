/** What the values of `config-autoscaler` must be to each other. */
import { hpaClass, kpaClass } from './annotation-settings.ts';
import { type AutoscalerConfig, smallestTarget } from './autoscaler-config.ts';
import { type Complaint, complaintAt, type Locate, type Severity } from './complaint.ts';

export interface ConfigCheck {
  readonly config: AutoscalerConfig;
  readonly data: Readonly<Record<string, string>>;
  /** Keys already complained of: what depends on them is not judged. */
  readonly refused: ReadonlySet<string>;
  readonly locate: Locate;
}

/** A rule on several keys; the complaint stands at the first of them that was given. */
interface Rule {
  readonly keys: readonly string[];
  readonly broken: (config: AutoscalerConfig) => boolean;
  readonly severity: Severity;
  readonly message: (config: AutoscalerConfig) => string;
  readonly allowed?: (config: AutoscalerConfig) => string;
}

const percentage = 'container-concurrency-target-percentage';
const targetDefault = 'container-concurrency-target-default';

/** Decisions are kept in slots of this length, the current one among them. */
const delaySlotMs = 2_000;

const panicSeconds = ({ stableWindowMs, panicWindowPercentage }: AutoscalerConfig): number =>
  (stableWindowMs * panicWindowPercentage) / 100 / 1000;

const oddities: readonly Rule[] = [
  {
    keys: ['scale-to-zero-pod-retention-period', 'enable-scale-to-zero'],
    severity: 'advice',
    broken: (config) => !config.enableScaleToZero && config.scaleToZeroPodRetentionPeriodMs > 0,
    message: () =>
      'scale-to-zero-pod-retention-period has no effect while enable-scale-to-zero is false.',
  },
  {
    keys: ['min-scale', 'enable-scale-to-zero'],
    severity: 'advice',
    broken: (config) =>
      !config.enableScaleToZero && config.given.includes('minScale') && config.minScale === 0,
    message: () => 'One pod stays all the same, because enable-scale-to-zero is false.',
  },
  {
    keys: ['initial-scale', 'max-scale'],
    severity: 'advice',
    broken: ({ initialScale, maxScale }) => maxScale > 0 && initialScale > maxScale,
    message: (config) => `initial-scale is above max-scale, ${config.maxScale}.`,
  },
  {
    keys: ['scale-down-delay'],
    severity: 'advice',
    broken: ({ scaleDownDelayMs: delayMs }) => delayMs > 0 && delayMs <= delaySlotMs,
    message: () => 'A scale-down-delay of 2s or less has no effect: decisions come every 2 s.',
  },
  {
    keys: ['panic-window-percentage', 'stable-window'],
    severity: 'advice',
    broken: (config) => !config.given.includes('panicWindowMs') && panicSeconds(config) < 1,
    message: (config) =>
      `The panic window is the percentage of the window, here ${panicSeconds(config)} s; ` +
      'it is made 1 s, the least there is.',
  },
  {
    keys: ['tolerance-percentage', 'behaviour'],
    severity: 'advice',
    broken: ({ behaviour, given }) =>
      behaviour === 'knative' && given.includes('tolerancePercentage'),
    message: () => 'tolerance-percentage has no effect under behaviour knative, which has none.',
  },
  {
    keys: ['pod-autoscaler-class'],
    severity: 'warning',
    broken: ({ podAutoscalerClass: name }) => name !== kpaClass && name !== hpaClass,
    message: () => 'Flyball leaves workloads of this class alone: all that name no class.',
    allowed: () => `${kpaClass} or ${hpaClass}`,
  },
];

const rules: readonly Rule[] = [
  {
    keys: [targetDefault, percentage],
    severity: 'error',
    broken: (config) =>
      config.containerConcurrencyTargetFraction * config.containerConcurrencyTargetDefault <
      smallestTarget,
    message: () => `${percentage} times ${targetDefault} gives a target that is too small.`,
    allowed: () => `a product of at least ${smallestTarget}`,
  },
  {
    keys: ['initial-scale', 'allow-zero-initial-scale'],
    severity: 'error',
    broken: (config) => config.initialScale === 0 && !config.allowZeroInitialScale,
    message: () => 'initial-scale is 0, which needs allow-zero-initial-scale: "true".',
    allowed: () => '1 or more, or 0 when allow-zero-initial-scale is true',
  },
  {
    keys: ['max-scale', 'max-scale-limit'],
    severity: 'error',
    broken: ({ maxScale, maxScaleLimit: limit }) =>
      limit > 0 && (maxScale === 0 || maxScale > limit),
    message: (config) =>
      `max-scale is ${config.maxScale}; with max-scale-limit it must be set, and not above it.`,
    allowed: (config) => `1 to ${config.maxScaleLimit}`,
  },
  {
    keys: ['min-scale', 'max-scale'],
    severity: 'error',
    broken: (config) => config.maxScale > 0 && config.minScale > config.maxScale,
    message: (config) =>
      `min-scale is ${config.minScale}, which is above max-scale, ${config.maxScale}.`,
    allowed: (config) => `min-scale 0 to ${config.maxScale}`,
  },
  {
    keys: ['panic-window', 'panic-window-percentage'],
    severity: 'warning',
    broken: ({ given }) =>
      given.includes('panicWindowMs') && given.includes('panicWindowPercentage'),
    message: () => 'panic-window is ignored, because panic-window-percentage is given as well.',
    allowed: () => 'one of the two',
  },
  {
    keys: ['panic-window', 'stable-window'],
    severity: 'warning',
    broken: (config) => config.panicWindowMs > config.stableWindowMs,
    message: () => 'panic-window is longer than stable-window; it is cut to that length.',
    allowed: () => '1s to the stable window',
  },
  {
    keys: ['panic-window'],
    severity: 'warning',
    broken: ({ given }) =>
      given.includes('panicWindowMs') && !given.includes('panicWindowPercentage'),
    message: (config) =>
      `panic-window is an older key, taken as a fixed ${config.panicWindowMs / 1000} s; ` +
      "today's is panic-window-percentage.",
  },
  ...oddities,
];

/** Complaints about values that are right by themselves and wrong together. */
export const checkConfigTogether = (check: ConfigCheck): Complaint[] => {
  const { config, data, refused, locate } = check;
  const broken = rules.flatMap((rule) => {
    const key = rule.keys.find((name) => Object.hasOwn(data, name));
    if (key === undefined || rule.keys.some((name) => refused.has(name))) return [];
    if (!rule.broken(config)) return [];
    return [
      complaintAt(locate(key), {
        severity: rule.severity,
        key,
        keys: rule.keys,
        value: data[key] ?? '',
        message: rule.message(config),
        allowed: rule.allowed?.(config),
      }),
    ];
  });
  return [...broken, ...fractionAdvice(check)];
};

/** `1` and `1.0` meant 100 % in Knative 0.7 and still do; who writes them may mean 1 %. */
const fractionAdvice = ({ config, data, refused, locate }: ConfigCheck): Complaint[] => {
  const value = data[percentage];
  const fraction = config.containerConcurrencyTargetFraction;
  if (value === undefined || refused.has(percentage) || !(Number(value) <= 1)) return [];
  const percent = Number((fraction * 100).toPrecision(12));
  const clearer = percent > 1 ? `; "${percent}" says the same more clearly` : '';
  const message = `${percentage} up to 1 is a fraction: ${value} means ${percent} %${clearer}.`;
  return [complaintAt(locate(percentage), { severity: 'advice', key: percentage, value, message })];
};
