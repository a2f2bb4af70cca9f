/** Class hpa: settings that its HorizontalPodAutoscaler knows nothing of, or cannot take. */
import { type Advice, type AdviceSubject, underHpa } from './advice-subject.ts';
import { type AnnotationField, annotationSettings, kpaClass } from './annotation-settings.ts';

/** What only our own class uses. */
const withoutEffect: readonly AnnotationField[] = [
  'metricAggregationAlgorithm',
  'targetUtilizationPercentage',
  'panicWindowPercentage',
  'panicThresholdPercentage',
  'activationScale',
  'scaleDownDelayMs',
  'scaleToZeroPodRetentionPeriodMs',
  'behaviour',
  'algorithm',
  'tolerancePercentage',
];

const nameOf = (field: AnnotationField): string =>
  annotationSettings[field].key.replace(/^[^/]+\//, '');

const metricOf = ({ read }: AdviceSubject): string => read.values.metric ?? 'cpu';

const isOfRequests = (subject: AdviceSubject): boolean =>
  ['concurrency', 'rps'].includes(metricOf(subject));

/** How often Kubernetes decides, unless its controller is told otherwise. */
const syncMs = 15_000;

export const hpaAdvice: readonly Advice[] = [
  {
    field: 'metric',
    severity: 'advice',
    applies: (subject) => underHpa(subject) && isOfRequests(subject),
    message: (subject) =>
      `Nothing serves the metric ${metricOf(subject)} to a HorizontalPodAutoscaler; ` +
      `use class ${kpaClass} for it.`,
  },
  {
    field: 'metric',
    severity: 'warning',
    applies: (subject) =>
      underHpa(subject) &&
      metricOf(subject) !== 'cpu' &&
      !isOfRequests(subject) &&
      subject.read.values.target === undefined,
    message: (subject) =>
      `Without a target ${metricOf(subject)} is not used: Kubernetes takes 80 % of the processor.`,
  },
  {
    field: 'target',
    severity: 'warning',
    applies: (subject) =>
      underHpa(subject) && metricOf(subject) !== 'cpu' && (subject.read.values.target ?? 1) < 1,
    message: (subject) =>
      `A target of ${metricOf(subject)} is cut down to a whole number, and Kubernetes refuses 0.`,
  },
  {
    field: 'windowMs',
    severity: 'advice',
    applies: (subject) => underHpa(subject) && (subject.read.values.windowMs ?? syncMs) < syncMs,
    message: () => 'A HorizontalPodAutoscaler decides every 15 s: a shorter window has no effect.',
  },
  {
    field: 'minScale',
    severity: 'advice',
    applies: (subject) => underHpa(subject) && subject.read.values.minScale === 0,
    message: () => 'A HorizontalPodAutoscaler keeps one pod at least: this is as good as 1.',
  },
  ...withoutEffect.map(
    (field): Advice => ({
      field,
      severity: 'advice',
      applies: underHpa,
      message: () => `${nameOf(field)} has no effect on a HorizontalPodAutoscaler.`,
    }),
  ),
];
