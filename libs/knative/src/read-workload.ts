/** Knative Services (both shapes) and Deployments, as workloads. */
import {
  annotationSettings,
  autoscalingPrefix,
  defaultTimeoutSeconds,
  largestContainerConcurrency,
  largestTimeoutSeconds,
} from './annotation-settings.ts';
import { limitsAnnotated } from './deployment-annotations.ts';
import {
  complain,
  isPresent,
  placeOf,
  type Spot,
  shapeOf,
  under,
  writtenAt,
} from './located-yaml.ts';
import type { WorkloadManifest } from './manifest.ts';
import { type ContainerOptions, readContainer, warnOfNearMisses } from './read-container.ts';
import {
  overlaid,
  type ReadAnnotationMap,
  readIdentity,
  readLabels,
  readOurAnnotations,
  warnOfStrayAnnotations,
} from './read-metadata.ts';
import { largestScale } from './setting.ts';
import { integerAt } from './yaml-values.ts';

/** A manifest and where its annotations stand. */
export interface ReadWorkload {
  readonly root: Spot;
  readonly manifest: WorkloadManifest;
  readonly spots: ReadonlyMap<string, Spot>;
  /** False when its name or namespace was refused: it is judged with the rest, but is no object. */
  readonly named: boolean;
}

const nameless = { namespace: 'default', name: '' };

const revisionFields = [
  'containerConcurrency',
  'timeoutSeconds',
  'responseStartTimeoutSeconds',
  'idleTimeoutSeconds',
  'containers',
  'container',
];

/** A Knative Service of v1, v1beta1 or v1alpha1; undefined when it has no template. */
export const readService = (root: Spot, options: ContainerOptions): ReadWorkload | undefined => {
  const identity = readIdentity(root, 'Service');
  const template = revisionTemplate(root);
  const metadata = readOurAnnotations(under(root, 'metadata'));
  complainOfMisplaced(metadata);
  if (template === undefined) return undefined;
  warnOfStrayAnnotations(root, template);
  const spec = under(template, 'spec');
  warnOfNearMisses(spec, revisionFields);
  const annotations = overlaid(metadata, readOurAnnotations(under(template, 'metadata')));
  const container = readContainer(spec, options);
  const limits = {
    containerConcurrency: readConcurrency(spec),
    timeoutSeconds: readTimeout(spec),
  };
  return {
    root,
    spots: withLimit(annotations.spots, under(spec, 'containerConcurrency')),
    named: identity !== undefined,
    manifest: {
      kind: 'Service',
      ...(identity ?? nameless),
      annotations: annotations.annotations,
      ...readLabels(under(template, 'metadata')),
      ...limits,
      ...container,
      source: sourceOf(root),
    },
  };
};

/** An apps/v1 Deployment; undefined when it has no template or wants to be left alone. */
export const readDeployment = (root: Spot, options: ContainerOptions): ReadWorkload | undefined => {
  const identity = readIdentity(root, 'Deployment');
  const template = under(root, 'spec', 'template');
  if (!isPresent(template)) {
    const message = 'This Deployment has no spec.template: there is nothing to run.';
    complain(template, { severity: 'error', message });
    return undefined;
  }
  const { annotations, spots } = overlaid(
    readOurAnnotations(under(root, 'metadata')),
    readOurAnnotations(under(template, 'metadata')),
  );
  warnOfStrayAnnotations(root, template);
  if (optedOut(annotations, spots)) return undefined;
  const container = readContainer(under(template, 'spec'), options);
  const replicas = integerAt(under(root, 'spec', 'replicas'), 0, largestScale);
  return {
    root,
    spots,
    named: identity !== undefined,
    manifest: {
      kind: 'Deployment',
      ...(identity ?? nameless),
      annotations,
      ...readLabels(under(template, 'metadata')),
      ...limitsAnnotated(annotations),
      ...container,
      ...(replicas === undefined ? {} : { replicas }),
      source: sourceOf(root),
    },
  };
};

const sourceOf = (root: Spot): { file: string; line: number } => {
  const { file, line } = placeOf(root);
  return { file, line };
};

const optedOut = (
  annotations: Record<string, string>,
  spots: ReadonlyMap<string, Spot>,
): boolean => {
  const setting = annotationSettings.enabled;
  const out = setting.parse(annotations[setting.key] ?? '') === false;
  const spot = spots.get(setting.key);
  if (out && spot !== undefined) {
    const message = `This Deployment is left alone, because ${setting.key} is false.`;
    complain(spot, { severity: 'warning', message });
  }
  return out;
};

const olderModes = ['runLatest', 'release', 'pinned'] as const;

/** `spec.template`, or v1alpha1's `spec.runLatest.configuration.revisionTemplate` and its kin. */
const revisionTemplate = (root: Spot): Spot | undefined => {
  const spec = under(root, 'spec');
  const todays = under(spec, 'template');
  const candidates = [
    todays,
    ...olderModes.flatMap((mode) => [
      under(spec, mode, 'configuration', 'revisionTemplate'),
      under(spec, mode, 'configuration', 'template'),
    ]),
  ];
  const [template, second] = candidates.filter(isPresent);
  const version = writtenAt(under(root, 'apiVersion'));
  if (template === undefined) {
    const message = 'This Service has no template: there is nothing to run.';
    const allowed = 'spec.template, or spec.runLatest.configuration.revisionTemplate (v1alpha1)';
    complain(spec, { severity: 'error', message, allowed });
    return undefined;
  }
  if (second !== undefined) {
    const message = `There is a second template; only ${template.path} is used.`;
    complain(second, { severity: 'error', message, allowed: 'one of the two' });
  }
  if (template !== todays && !version.endsWith('/v1alpha1')) {
    const message = `${template.path} belongs to v1alpha1; ${version} has spec.template.`;
    complain(template, { severity: 'warning', message, allowed: 'spec.template' });
  }
  if (shapeOf(template) === 'a map') return template;
  complain(template, { severity: 'error', message: `${template.key} must be a map.` });
  return undefined;
};

/** Knative refuses these too: on the Service they would change nothing. */
const complainOfMisplaced = ({ annotations, spots }: ReadAnnotationMap): void => {
  for (const [key, spot] of spots) {
    if (!key.startsWith(autoscalingPrefix)) continue;
    delete annotations[key];
    const message = `${key} has no effect here: it belongs on the template.`;
    const allowed = 'under spec.template.metadata.annotations';
    complain(spot, { severity: 'error', message, allowed });
  }
};

/** The spec's limit has advice of its own. */
const withLimit = (spots: ReadonlyMap<string, Spot>, limit: Spot): ReadonlyMap<string, Spot> =>
  isPresent(limit) ? new Map([...spots, [limit.key, limit]]) : spots;

const readConcurrency = (spec: Spot): number => {
  const model = under(spec, 'concurrencyModel');
  const limit = integerAt(under(spec, 'containerConcurrency'), 0, largestContainerConcurrency);
  return limit ?? (writtenAt(model) === 'Single' ? 1 : 0);
};

const readTimeout = (spec: Spot): number => {
  const asked = integerAt(under(spec, 'timeoutSeconds'), 0, largestTimeoutSeconds);
  return asked === undefined || asked === 0 ? defaultTimeoutSeconds : asked;
};
