/** Everything that is wrong, ignored or odd in a workload's annotations. */

import { adviseOnAnnotations } from './annotation-advice.ts';
import { checkScalesTogether } from './annotation-cross-checks.ts';
import {
  type Annotations,
  annotationSettings,
  findAnnotation,
  hpaClass,
  kpaClass,
} from './annotation-settings.ts';
import { type AnnotationSubject, classOf } from './annotation-subject.ts';
import type { AutoscalerConfig } from './autoscaler-config.ts';
import { type Complaint, complaintAt, type Locate, nowhere } from './complaint.ts';
import { checkMetricsSource } from './metrics-source.ts';
import { type ReadAnnotations, readAnnotations } from './read-annotations.ts';

export interface AnnotationContext {
  readonly config: AutoscalerConfig;
  /** The spec's limit per pod; 0 is none. */
  readonly containerConcurrency?: number | undefined;
  readonly locate?: Locate | undefined;
}

/** Judges one workload's annotations under the cluster's config; all faults at once. */
export const validateAnnotations = (
  annotations: Annotations,
  context: AnnotationContext,
): Complaint[] => {
  const read = readAnnotations(annotations, context.config, context.locate ?? nowhere);
  return complaintsOf(read, annotations, context);
};

/** The same for annotations that were read already. */
export const complaintsOf = (
  read: ReadAnnotations,
  annotations: Annotations,
  context: AnnotationContext,
): Complaint[] => {
  const locate = context.locate ?? nowhere;
  const subject = { read, annotations, config: context.config, locate };
  return [
    ...read.complaints,
    ...checkMetric(subject),
    ...checkAlgorithm(subject),
    ...checkScalesTogether(subject),
    ...checkMetricsSource(subject),
    ...adviseOnAnnotations({ ...subject, containerConcurrency: context.containerConcurrency ?? 0 }),
  ];
};

const checkMetric = ({ annotations, config, locate }: AnnotationSubject): Complaint[] => {
  const found = findAnnotation(annotations, annotationSettings.metric);
  if (found === undefined) return [];
  const className = classOf(annotations, config);
  const wrong =
    (className === kpaClass && found.text !== 'concurrency' && found.text !== 'rps') ||
    (className === hpaClass && found.text === '');
  if (!wrong) return [];
  return [
    complaintAt(locate(found.key), {
      severity: 'error',
      key: found.key,
      value: found.text,
      message: `${found.key} is not a metric of class ${className}.`,
      allowed:
        className === kpaClass
          ? `concurrency or rps (cpu and memory need class ${hpaClass})`
          : 'cpu, memory or the name of a custom metric',
    }),
  ];
};

const algorithms = ['', 'linear', 'weighted-exponential', 'weightedExponential'];

const checkAlgorithm = ({ read, annotations, config, locate }: AnnotationSubject): Complaint[] => {
  const found = findAnnotation(annotations, annotationSettings.metricAggregationAlgorithm);
  if (found === undefined || algorithms.includes(found.text)) return [];
  if (classOf(annotations, config) !== kpaClass) return [];
  // Knative looks only where the class is written out; a wrong name is as wrong by default.
  const explicit = findAnnotation(annotations, annotationSettings.class) !== undefined;
  const severity = explicit || read.behaviour === 'flyball' ? 'error' : 'warning';
  return [
    complaintAt(locate(found.key), {
      severity,
      key: found.key,
      value: found.text,
      message: `${found.key} is not a known way to average; linear is used.`,
      allowed: annotationSettings.metricAggregationAlgorithm.allowed,
    }),
  ];
};
