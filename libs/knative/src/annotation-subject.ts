/** What the checks that look at several annotations together are given. */
import { type Annotations, annotationSettings, findAnnotation } from './annotation-settings.ts';
import type { AutoscalerConfig } from './autoscaler-config.ts';
import type { Locate } from './complaint.ts';
import type { ReadAnnotations } from './read-annotations.ts';

export interface AnnotationSubject {
  readonly read: ReadAnnotations;
  readonly annotations: Annotations;
  readonly config: AutoscalerConfig;
  readonly locate: Locate;
}

/** The class in force: the annotation as written, else the cluster's. */
export const classOf = (annotations: Annotations, config: AutoscalerConfig): string =>
  findAnnotation(annotations, annotationSettings.class)?.text ?? config.podAutoscalerClass;
