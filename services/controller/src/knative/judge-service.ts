/** Whether a Knative Service can be served, and if not, why: all that is wrong with it at once. */
import {
  type AutoscalerConfig,
  type Complaint,
  formatComplaint,
  readManifests,
  type WorkloadManifest,
} from '@flyball/knative';
import type { JsonMap } from '../objects/cluster-object.ts';
import { type KnativeService, type RevisionTemplate, templateOf } from './knative-service.ts';

export interface SoundService {
  readonly ok: true;
  readonly template: RevisionTemplate;
  readonly manifest: WorkloadManifest;
  /** What is accepted, without the effect that was meant. */
  readonly warnings: readonly string[];
}

export interface RefusedService {
  readonly ok: false;
  /** One word for programs: `ImageMissing`. */
  readonly reason: string;
  /** Sentences for people. */
  readonly message: string;
}

export type ServiceVerdict = SoundService | RefusedService;

/** A condition's message may be long; one of a page is not read. */
const longestMessage = 1_500;

const sentenceOf = (complaint: Complaint): string => {
  const placeless = formatComplaint({ ...complaint, line: 0, file: '' });
  const where = complaint.path === '' ? '' : ` (at ${complaint.path})`;
  return `${placeless.replace(/^(error|warning|advice): /, '').replace('\n  ', ' ')}${where}`;
};

const joined = (sentences: readonly string[]): string => {
  const text = sentences.join('; ');
  return text.length <= longestMessage ? text : `${text.slice(0, longestMessage - 1)}…`;
};

/** What the first complaint is about, in a word. */
const reasonOf = ({ path }: Complaint): string => {
  if (path.includes('metadata.annotations')) return 'InvalidAnnotations';
  if (path === 'metadata.name') return 'InvalidName';
  return 'InvalidTemplate';
};

/** What of the object is read; the rest may be large, and says nothing here. */
const textOf = ({ metadata, spec }: KnativeService): string => {
  const { name, namespace, annotations } = metadata;
  // The API server keeps what v1alpha1 wrote, and shows it under the version that is asked for.
  const version = spec?.template == null ? 'v1alpha1' : 'v1';
  const apiVersion = `serving.knative.dev/${version}`;
  return JSON.stringify({
    apiVersion,
    kind: 'Service',
    metadata: { name, namespace, annotations },
    spec,
  });
};

const containersOf = (spec: JsonMap | undefined): readonly JsonMap[] => {
  const { container, containers } = spec ?? {};
  if (Array.isArray(containers)) return containers as readonly JsonMap[];
  return container == null ? [] : [container as JsonMap];
};

const missingImages = (template: RevisionTemplate): readonly string[] =>
  containersOf(template.spec).flatMap((container, index) => {
    const { image, name } = container ?? {};
    if (typeof image === 'string' && image.trim() !== '') return [];
    const which = typeof name === 'string' ? `The container ${name}` : `Container ${index + 1}`;
    return [`${which} has no image: give one, such as image: registry.example/team/app:1`];
  });

/** Judges the object under the cluster's config. Pure. */
export const judgeService = (service: KnativeService, config: AutoscalerConfig): ServiceVerdict => {
  const { objects, complaints } = readManifests({
    file: '',
    text: textOf(service),
    config,
    needsCommand: false,
  });
  const errors = complaints.filter(({ severity }) => severity === 'error');
  const template = templateOf(service);
  const [first] = errors;
  const images = template === undefined ? [] : missingImages(template);
  if (first !== undefined || images.length > 0) {
    const reason = first === undefined ? 'ImageMissing' : reasonOf(first);
    return { ok: false, reason, message: joined([...errors.map(sentenceOf), ...images]) };
  }
  const [manifest] = objects;
  if (template === undefined || manifest === undefined || manifest.kind === 'ConfigMap') {
    const message = 'This Service cannot be read.';
    return { ok: false, reason: 'InvalidTemplate', message };
  }
  const warnings = complaints
    .filter(({ severity }) => severity === 'warning')
    .map((complaint) => sentenceOf(complaint));
  return { ok: true, template, manifest, warnings };
};
