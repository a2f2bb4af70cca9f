/** What a workload's scales must be to each other and to the cluster's limits. */
import { annotationSettings, autoscalingPrefix, findAnnotation } from './annotation-settings.ts';
import type { AnnotationSubject } from './annotation-subject.ts';
import { type Complaint, complaintAt } from './complaint.ts';

interface ScaleFault {
  readonly field: 'minScale' | 'maxScale' | 'activationScale' | 'initialScale';
  /** Short names as Knative blames them; default: the key as written. */
  readonly blamed?: readonly string[];
  readonly message: string;
  readonly allowed: string;
}

/** Complaints about scales that are numbers by themselves and wrong together. */
export const checkScalesTogether = (subject: AnnotationSubject): Complaint[] => {
  const { annotations, locate } = subject;
  const faults = [
    ...minAboveMax(subject),
    ...maxOutsideLimit(subject),
    ...activationScale(subject),
    ...initialScale(subject),
  ];
  return faults.flatMap((fault) => {
    const found = findAnnotation(annotations, annotationSettings[fault.field]);
    if (found === undefined) return [];
    const keys = fault.blamed?.map((name) => `${autoscalingPrefix}${name}`) ?? [found.key];
    const { message, allowed } = fault;
    const said = { severity: 'error', key: found.key, keys, value: found.text } as const;
    return [complaintAt(locate(found.key), { ...said, message, allowed })];
  });
};

const minAboveMax = ({ read }: AnnotationSubject): ScaleFault[] => {
  const { minScale = 0, maxScale = 0 } = read.values;
  if (maxScale === 0 || minScale <= maxScale) return [];
  return [
    {
      field: 'maxScale',
      blamed: ['max-scale', 'min-scale'],
      message: `max-scale is ${maxScale}, which is below min-scale, ${minScale}.`,
      allowed: `0 (unlimited), or ${minScale} or more; or a min-scale of 0 to ${maxScale}`,
    },
  ];
};

const maxOutsideLimit = ({ read, config }: AnnotationSubject): ScaleFault[] => {
  const { maxScale } = read.values;
  const limit = config.maxScaleLimit;
  if (maxScale === undefined || limit === 0 || (maxScale >= 1 && maxScale <= limit)) return [];
  const given = maxScale === 0 ? '0 (unlimited)' : `${maxScale}`;
  const message = `max-scale is ${given}, but the cluster's max-scale-limit is ${limit}.`;
  return [{ field: 'maxScale', message, allowed: `1 to ${limit}` }];
};

const activationScale = ({ read }: AnnotationSubject): ScaleFault[] => {
  const { minScale = 0, maxScale = 0, activationScale: asked } = read.values;
  if (asked === undefined) return [];
  const lowest = Math.max(2, minScale);
  const upTo = maxScale === 0 ? `${lowest} or more` : `${lowest} to ${maxScale}`;
  const allowed = maxScale !== 0 && maxScale < lowest ? 'none with these two scales' : upTo;
  const message =
    minScale > asked
      ? `activation-scale is ${asked}, which is below min-scale, ${minScale}.`
      : maxScale !== 0 && maxScale < asked
        ? `activation-scale is ${asked}, which is above max-scale, ${maxScale}.`
        : asked < 2
          ? `activation-scale is ${asked}; only 2 and more differ from having none.`
          : undefined;
  return message === undefined ? [] : [{ field: 'activationScale', message, allowed }];
};

const initialScale = ({ read, config }: AnnotationSubject): ScaleFault[] =>
  read.values.initialScale === 0 && !config.allowZeroInitialScale
    ? [
        {
          field: 'initialScale',
          message: 'initial-scale is 0, which this cluster does not allow.',
          allowed: '1 or more, or 0 where config-autoscaler has allow-zero-initial-scale: "true"',
        },
      ]
    : [];
