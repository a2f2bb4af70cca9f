/** Combinations of annotations that are legal and still not what their author can have meant. */

import { type Advice, type AdviceSubject, underHpa, underKpa } from './advice-subject.ts';
import { annotationSettings, findAnnotation } from './annotation-settings.ts';
import { type Complaint, complaintAt } from './complaint.ts';
import { hpaAdvice } from './hpa-advice.ts';

const utilizationPercentage = ({ read, config }: AdviceSubject): number =>
  read.values.targetUtilizationPercentage ?? config.containerConcurrencyTargetFraction * 100;

const askingForTwo = (subject: AdviceSubject, limit: string): string =>
  `At ${Number(utilizationPercentage(subject).toPrecision(6))} % of ${limit} a single ` +
  'request in flight asks for two pods; target-utilization-percentage: "100" asks for one.';

/** In seconds; the panic window is a share of the window, and at least a second. */
const panicSeconds = ({ read, config }: AdviceSubject): number => {
  const { windowMs = config.stableWindowMs } = read.values;
  const { panicWindowPercentage = config.panicWindowPercentage } = read.values;
  return (windowMs * panicWindowPercentage) / 100 / 1000;
};

const minScaleOf = ({ read, config }: AdviceSubject): number =>
  read.values.minScale ?? config.minScale;
const maxScaleOf = ({ read, config }: AdviceSubject): number =>
  read.values.maxScale ?? config.maxScale;

const isKnative = ({ read }: AdviceSubject): boolean => read.behaviour === 'knative';

/** Knative looks at the max scale only where the min scale lifted nothing (fix 8). */
const winnerOfScales = (subject: AdviceSubject): string =>
  isKnative(subject) ? 'min-scale wins while less is wanted, then max-scale' : 'max-scale wins';

const roundedPanic = (subject: AdviceSubject): string =>
  `The panic window is the percentage of the window, here ${panicSeconds(subject)} s; ` +
  'it is made 1 s, the least there is.';

/** Decisions are kept in slots of this length, the current one among them. */
const delaySlotMs = 2_000;

const targetAdvice: readonly Advice[] = [
  {
    field: 'class',
    severity: 'warning',
    applies: (subject) => !underKpa(subject) && !underHpa(subject),
    message: () => 'Flyball leaves workloads of this class alone.',
  },
  {
    field: 'target',
    severity: 'advice',
    applies: ({ read, containerConcurrency }) =>
      (read.values.metric ?? 'concurrency') === 'concurrency' &&
      containerConcurrency > 0 &&
      (read.values.target ?? 0) > containerConcurrency,
    message: ({ containerConcurrency }) =>
      `target is above containerConcurrency; the smaller, ${containerConcurrency}, is used.`,
  },
  {
    field: 'target',
    severity: 'advice',
    applies: (subject) => {
      const target = subject.read.values.target ?? Infinity;
      return underKpa(subject) && target <= 1 && utilizationPercentage(subject) < 100;
    },
    message: (subject) => askingForTwo(subject, 'this target'),
  },
  {
    field: 'targetUtilizationPercentage',
    severity: 'advice',
    applies: ({ read }) => read.values.targetUtilizationPercentage === 1,
    message: () => 'This means 1 %; only in config-autoscaler 1 is a fraction and means 100 %.',
  },
  {
    field: 'tolerancePercentage',
    severity: 'advice',
    applies: isKnative,
    message: () => 'tolerance-percentage has no effect under behaviour knative, which has none.',
  },
];

const windowAdvice: readonly Advice[] = [
  {
    field: 'panicWindowPercentage',
    severity: 'advice',
    applies: (subject) => underKpa(subject) && panicSeconds(subject) < 1,
    message: roundedPanic,
  },
  {
    field: 'windowMs',
    severity: 'advice',
    applies: (subject) =>
      underKpa(subject) &&
      subject.read.values.panicWindowPercentage === undefined &&
      panicSeconds(subject) < 1,
    message: roundedPanic,
  },
  {
    field: 'panicWindowPercentage',
    severity: 'advice',
    applies: ({ read }) => read.values.panicWindowPercentage === 100,
    message: () => 'The panic window is as long as the window: bursts are seen no sooner.',
  },
  {
    field: 'scaleDownDelayMs',
    severity: 'advice',
    applies: ({ read }) => {
      const { scaleDownDelayMs = 0 } = read.values;
      return scaleDownDelayMs > 0 && scaleDownDelayMs <= delaySlotMs;
    },
    message: () => 'A scale-down-delay of 2s or less has no effect: decisions come every 2 s.',
  },
  {
    field: 'scaleDownDelayMs',
    severity: 'advice',
    applies: (subject) => {
      const most = maxScaleOf(subject);
      return (
        (subject.read.values.scaleDownDelayMs ?? 0) > 0 && most > 0 && minScaleOf(subject) >= most
      );
    },
    message: () => 'scale-down-delay has no effect: min-scale and max-scale leave one scale only.',
  },
];

const scaleAdvice: readonly Advice[] = [
  {
    field: 'minScale',
    severity: 'advice',
    applies: ({ read, config }) => read.values.minScale === 0 && !config.enableScaleToZero,
    message: () => 'One pod stays all the same: enable-scale-to-zero is false for all workloads.',
  },
  {
    field: 'minScale',
    severity: 'warning',
    applies: (subject) => {
      const { config, read } = subject;
      const isOwn = read.values.maxScale !== undefined;
      return !isOwn && config.maxScale > 0 && minScaleOf(subject) > config.maxScale;
    },
    message: (subject) =>
      `min-scale is above the max-scale of config-autoscaler, ${subject.config.maxScale}; ` +
      `${winnerOfScales(subject)}.`,
  },
  {
    field: 'maxScale',
    severity: 'warning',
    applies: (subject) => {
      const { config, read } = subject;
      const isOwn = read.values.minScale !== undefined;
      return !isOwn && maxScaleOf(subject) > 0 && config.minScale > maxScaleOf(subject);
    },
    message: (subject) =>
      `max-scale is below the min-scale of config-autoscaler, ${subject.config.minScale}; ` +
      `${winnerOfScales(subject)}.`,
  },
  {
    field: 'scaleToZeroPodRetentionPeriodMs',
    severity: 'advice',
    applies: (subject) => minScaleOf(subject) > 0,
    message: () => 'scale-to-zero-pod-retention-period has no effect with a min-scale above 0.',
  },
  {
    field: 'scaleToZeroPodRetentionPeriodMs',
    severity: 'advice',
    applies: ({ config }) => !config.enableScaleToZero,
    message: () =>
      'scale-to-zero-pod-retention-period has no effect while enable-scale-to-zero is false.',
  },
  {
    field: 'activationScale',
    severity: 'advice',
    applies: (subject) => {
      const { activationScale = 0, minScale = 0 } = subject.read.values;
      // Below its own min-scale it is an error.
      return minScale <= activationScale && minScaleOf(subject) >= Math.max(2, activationScale);
    },
    message: () => 'activation-scale has no effect when it is not above min-scale.',
  },
  {
    field: 'initialScale',
    severity: 'advice',
    applies: (subject) =>
      maxScaleOf(subject) > 0 && (subject.read.values.initialScale ?? 0) > maxScaleOf(subject),
    message: (subject) =>
      `initial-scale is above max-scale, ${maxScaleOf(subject)}; ` +
      (isKnative(subject) ? 'so many are started all the same.' : 'max-scale wins.'),
  },
];

const advices: readonly Advice[] = [...targetAdvice, ...windowAdvice, ...scaleAdvice, ...hpaAdvice];

/** Advice, and a warning where Flyball will not scale the workload at all. */
export const adviseOnAnnotations = (subject: AdviceSubject): Complaint[] => [
  ...advices.flatMap((advice) => {
    const found = findAnnotation(subject.annotations, annotationSettings[advice.field]);
    const read = subject.read.values[advice.field] !== undefined;
    if (found === undefined || !read || !advice.applies(subject)) return [];
    const { key, text: value } = found;
    const message = advice.message(subject);
    return [complaintAt(subject.locate(key), { severity: advice.severity, key, value, message })];
  }),
  ...onSingleConcurrency(subject),
  ...onToleranceAboveLimit(subject),
];

/** The root of many a "why two pods?": the limit is the target, and only a part of it is used. */
const onSingleConcurrency = (subject: AdviceSubject): Complaint[] => {
  const { read, containerConcurrency, locate } = subject;
  const isTarget = (read.values.metric ?? 'concurrency') === 'concurrency';
  const ownTarget = read.values.target !== undefined;
  if (containerConcurrency !== 1 || ownTarget || !isTarget || !underKpa(subject)) return [];
  if (utilizationPercentage(subject) >= 100) return [];
  const key = limitKeyOf(subject);
  const message = askingForTwo(subject, 'a containerConcurrency of 1');
  return [complaintAt(locate(key), { severity: 'advice', key, value: '1', message })];
};

/** What is tolerated above the hard limit is not served: it waits. */
const onToleranceAboveLimit = (subject: AdviceSubject): Complaint[] => {
  const { read, config, containerConcurrency: limit, locate } = subject;
  const isTarget = (read.values.metric ?? 'concurrency') === 'concurrency';
  if (limit === 0 || !isTarget || !underKpa(subject) || isKnative(subject)) return [];
  const tolerance = read.values.tolerancePercentage ?? config.tolerancePercentage;
  const asked =
    (Math.min(read.values.target ?? limit, limit) * utilizationPercentage(subject)) / 100;
  if (asked * (1 + tolerance / 100) <= limit) return [];
  const key = limitKeyOf(subject);
  const each = (value: number): string => String(Number(value.toPrecision(6)));
  const harmless = Math.floor((limit / asked - 1) * 100);
  const message =
    `A pod serves ${limit} at a time and is asked to take ${each(asked)}. With the tolerance of ` +
    `${tolerance} % none is added before there are ${each(asked * (1 + tolerance / 100))} for ` +
    `each, so some requests wait. tolerance-percentage: "${harmless}" adds one in time.`;
  return [complaintAt(locate(key), { severity: 'advice', key, value: `${limit}`, message })];
};

const limitKeyOf = ({ annotations }: AdviceSubject): string =>
  findAnnotation(annotations, annotationSettings.containerConcurrency)?.key ??
  'containerConcurrency';
