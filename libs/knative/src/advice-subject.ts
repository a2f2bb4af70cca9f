/** What advice on annotations looks at. */
import { type AnnotationField, hpaClass, kpaClass } from './annotation-settings.ts';
import { type AnnotationSubject, classOf } from './annotation-subject.ts';
import type { Severity } from './complaint.ts';

export interface AdviceSubject extends AnnotationSubject {
  /** 0: no limit. */
  readonly containerConcurrency: number;
}

/** What is said of a field that is annotated and could be read. */
export interface Advice {
  readonly field: AnnotationField;
  readonly severity: Severity;
  readonly applies: (subject: AdviceSubject) => boolean;
  readonly message: (subject: AdviceSubject) => string;
}

const isClass = (name: string) => (subject: AdviceSubject) =>
  classOf(subject.annotations, subject.config) === name;

export const underKpa = isClass(kpaClass);
export const underHpa = isClass(hpaClass);
