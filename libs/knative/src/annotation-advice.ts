/** Combinations of annotations that are legal and still not what their author can have meant. */
import {
  type AnnotationField,
  annotationSettings,
  findAnnotation,
  hpaClass,
  kpaClass,
} from './annotation-settings.ts';
import { type AnnotationSubject, classOf } from './annotation-subject.ts';
import { type Complaint, complaintAt, type Severity } from './complaint.ts';

export interface AdviceSubject extends AnnotationSubject {
  /** 0: no limit. */
  readonly containerConcurrency: number;
}

interface Advice {
  readonly field: AnnotationField;
  readonly severity: Severity;
  readonly applies: (subject: AdviceSubject) => boolean;
  readonly message: (subject: AdviceSubject) => string;
}

const isClass = (name: string) => (subject: AdviceSubject) =>
  classOf(subject.annotations, subject.config) === name;

const underKpa = isClass(kpaClass);
const underHpa = isClass(hpaClass);

const utilizationPercentage = ({ read, config }: AdviceSubject): number =>
  read.values.targetUtilizationPercentage ?? config.containerConcurrencyTargetFraction * 100;

const advices: readonly Advice[] = [
  {
    field: 'class',
    severity: 'warning',
    applies: (subject) => !underKpa(subject) && !underHpa(subject),
    message: () => 'Flyball leaves workloads of this class alone.',
  },
  {
    field: 'metric',
    severity: 'advice',
    applies: (subject) =>
      underHpa(subject) && ['concurrency', 'rps'].includes(subject.read.values.metric ?? ''),
    message: ({ read }) =>
      `Nothing serves the metric ${read.values.metric} to a HorizontalPodAutoscaler; ` +
      `use class ${kpaClass} for it.`,
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
    message: (subject) =>
      `At ${Number(utilizationPercentage(subject).toPrecision(6))} % of this target a single ` +
      'request in flight asks for two pods; target-utilization-percentage: "100" asks for one.',
  },
  {
    field: 'scaleToZeroPodRetentionPeriodMs',
    severity: 'advice',
    applies: ({ read }) => (read.values.minScale ?? 0) > 0,
    message: () => 'scale-to-zero-pod-retention-period has no effect with a min-scale above 0.',
  },
  {
    field: 'activationScale',
    severity: 'advice',
    applies: ({ read }) =>
      (read.values.minScale ?? 0) > 1 && read.values.activationScale === read.values.minScale,
    message: () => 'activation-scale has no effect when it is not above min-scale.',
  },
  {
    field: 'initialScale',
    severity: 'advice',
    applies: ({ read }) =>
      (read.values.maxScale ?? 0) > 0 &&
      (read.values.initialScale ?? 0) > (read.values.maxScale ?? 0),
    message: ({ read }) => `initial-scale is above max-scale, ${read.values.maxScale}.`,
  },
];

/** Advice, and a warning where Flyball will not scale the workload at all. */
export const adviseOnAnnotations = (subject: AdviceSubject): Complaint[] =>
  advices.flatMap((advice) => {
    const found = findAnnotation(subject.annotations, annotationSettings[advice.field]);
    const read = subject.read.values[advice.field] !== undefined;
    if (found === undefined || !read || !advice.applies(subject)) return [];
    const { key, text: value } = found;
    const message = advice.message(subject);
    return [complaintAt(subject.locate(key), { severity: advice.severity, key, value, message })];
  });
