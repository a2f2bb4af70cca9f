/** What a workload's `metrics-…` annotations say together, and what is wrong with them. */
import type { MetricsSource } from '@flyball/contracts';
import {
  type AnnotationField,
  annotationSettings,
  findAnnotation,
  hpaClass,
} from './annotation-settings.ts';
import { type AnnotationSubject, classOf } from './annotation-subject.ts';
import { type Complaint, complaintAt, type Severity } from './complaint.ts';
import type { Layered, PolicySources } from './policy-sources.ts';

/** The selector that the metric of a policy needs. */
const selectorFieldOf = (metric: string) =>
  metric === 'rps' ? ('metricsRequests' as const) : ('metricsConcurrency' as const);

const defaultPath = '/metrics';

/** The source that was asked for; empty where none was, so that older policies stay as they are. */
export const metricsSourceOf = ({
  asked,
}: PolicySources): { readonly source?: Layered<MetricsSource> } => {
  const { metricsConcurrency, metricsRequests, metricsUrl, metricsPort, metricsPath } = asked;
  if (metricsConcurrency === undefined && metricsRequests === undefined) return {};
  const value: MetricsSource = {
    pages:
      metricsUrl === undefined
        ? { from: 'pods', port: metricsPort ?? null, path: metricsPath ?? defaultPath }
        : { from: 'urls', urls: [...metricsUrl] },
    concurrency: metricsConcurrency ?? null,
    requests: metricsRequests ?? null,
    absent: asked.metricsAbsent ?? 'blind',
  };
  return { source: { value, layer: 'annotation' } };
};

const nameOf = (field: AnnotationField): string =>
  annotationSettings[field].key.replace(/^[^/]+\//, '');

const complain = (
  { annotations, locate }: AnnotationSubject,
  field: AnnotationField,
  severity: Severity,
  message: string,
): Complaint[] => {
  const found = findAnnotation(annotations, annotationSettings[field]);
  if (found === undefined) return [];
  const { key, text: value } = found;
  return [complaintAt(locate(key), { severity, key, value, message })];
};

const selectors = ['metricsConcurrency', 'metricsRequests'] as const;
const places = ['metricsUrl', 'metricsPort', 'metricsPath'] as const;

/** Complaints about `metrics-…` annotations that are right by themselves and wrong together. */
export const checkMetricsSource = (subject: AnnotationSubject): Complaint[] => {
  const { annotations, config } = subject;
  const isGiven = (field: AnnotationField): boolean =>
    findAnnotation(annotations, annotationSettings[field]) !== undefined;
  const given = selectors.filter(isGiven);
  if (given.length === 0) {
    const message = 'has no effect without metrics-concurrency or metrics-requests';
    return [...places, 'metricsAbsent' as const].flatMap((field) =>
      complain(subject, field, 'warning', `${nameOf(field)} ${message}.`),
    );
  }
  if (classOf(annotations, config) === hpaClass) {
    const message = 'has no effect on a HorizontalPodAutoscaler';
    return given.flatMap((field) =>
      complain(subject, field, 'warning', `${nameOf(field)} ${message}.`),
    );
  }
  return [
    ...checkSelectors(subject, given),
    ...(['metricsPort', 'metricsPath'] as const).flatMap((field) =>
      isGiven('metricsUrl')
        ? complain(subject, field, 'error', `${nameOf(field)} is of pods, metrics-url is not.`)
        : [],
    ),
    ...onQueueProxy(subject),
  ];
};

const checkSelectors = (
  subject: AnnotationSubject,
  given: readonly (typeof selectors)[number][],
): Complaint[] => {
  const metric = subject.read.values.metric ?? 'concurrency';
  const needed = selectorFieldOf(metric);
  if (given.includes(needed)) return [];
  const message = `The metric ${metric} needs ${nameOf(needed)}`;
  return given.flatMap((field) =>
    complain(subject, field, 'error', `${message}; ${nameOf(field)} says nothing of it.`),
  );
};

const onQueueProxy = (subject: AnnotationSubject): Complaint[] =>
  subject.read.values.queueProxy === true
    ? complain(subject, 'queueProxy', 'advice', 'Its counts are not read: metrics-… are given.')
    : [];
