/** An object's name, namespace and annotations, as its `metadata` gives them. */
import { annotationSpellings, autoscalingPrefix, flyballPrefix } from './annotation-settings.ts';
import { complain, entriesOf, isPresent, type Spot, under } from './located-yaml.ts';
import { stringAt, textMapAt } from './yaml-values.ts';

const longestLabel = 63;
const longestDeploymentName = 253;
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const startingWithLetter = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const labels = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const nameRules = {
  Service: {
    fits: (name: string) => startingWithLetter.test(name) && name.length <= longestLabel,
    allowed: `a lower-case letter, then a-z, 0-9 and -, at most ${longestLabel} characters`,
  },
  Deployment: {
    fits: (name: string) => labels.test(name) && name.length <= longestDeploymentName,
    allowed: `a-z, 0-9, - and ., at most ${longestDeploymentName} characters`,
  },
} as const;

/** `namespace/name`, or undefined when the name was complained of. */
export const readIdentity = (
  root: Spot,
  kind: keyof typeof nameRules,
): { namespace: string; name: string } | undefined => {
  const namespace = readNamespace(root);
  const spot = under(root, 'metadata', 'name');
  const rule = nameRules[kind];
  if (!isPresent(spot)) {
    const message = `This ${kind} has no metadata.name, by which everything else knows it.`;
    complain(spot, { severity: 'error', message, allowed: rule.allowed });
    return undefined;
  }
  const name = stringAt(spot);
  if (name === undefined || namespace === undefined) return undefined;
  if (rule.fits(name)) return { namespace, name };
  const message = `${name} cannot be the name of a ${kind}.`;
  complain(spot, { severity: 'error', message, allowed: rule.allowed });
  return undefined;
};

/** `default` when the object does not say; undefined when it was complained of. */
export const readNamespace = (root: Spot): string | undefined => {
  const spot = under(root, 'metadata', 'namespace');
  if (!isPresent(spot)) return 'default';
  const namespace = stringAt(spot);
  if (namespace === undefined) return undefined;
  if (label.test(namespace) && namespace.length <= longestLabel) return namespace;
  const message = `${namespace} cannot be the name of a namespace.`;
  const allowed = `a-z, 0-9 and -, at most ${longestLabel} characters`;
  complain(spot, { severity: 'error', message, allowed });
  return undefined;
};

export interface ReadAnnotationMap {
  readonly annotations: Record<string, string>;
  readonly spots: ReadonlyMap<string, Spot>;
}

/** All of our two prefixes, so that mistyped ones are seen, and what else is known by its key. */
const isOurs = (key: string): boolean =>
  key.startsWith(autoscalingPrefix) ||
  key.startsWith(flyballPrefix) ||
  annotationSpellings.has(key);

/** The annotations under a `metadata` that scaling looks at. */
export const readOurAnnotations = (metadata: Spot): ReadAnnotationMap => {
  const { texts, spots } = textMapAt(under(metadata, 'annotations'));
  const ours = Object.entries(texts).filter(([key]) => isOurs(key));
  return {
    annotations: Object.fromEntries(ours),
    spots: new Map([...spots].filter(([key]) => isOurs(key))),
  };
};

/** Annotations of two places in one; those of `over` win. */
export const overlaid = (base: ReadAnnotationMap, over: ReadAnnotationMap): ReadAnnotationMap => ({
  annotations: { ...base.annotations, ...over.annotations },
  spots: new Map([...base.spots, ...over.spots]),
});

/** The labels under a `metadata`; none at all are no field. */
export const readLabels = (metadata: Spot): { labels?: Record<string, string> } => {
  const { texts } = textMapAt(under(metadata, 'labels'));
  return Object.keys(texts).length === 0 ? {} : { labels: texts };
};

/** Where our keys are found by mistake, from the object and from its template. */
const strayPlaces = (root: Spot, template: Spot): Spot[] => [
  under(root, 'metadata', 'labels'),
  under(root, 'annotations'),
  under(root, 'spec', 'annotations'),
  under(template, 'metadata', 'labels'),
  under(template, 'annotations'),
  under(template, 'spec', 'annotations'),
];

/** Warns of our keys where nothing reads them: among labels, or beside the metadata. */
export const warnOfStrayAnnotations = (root: Spot, template: Spot): void => {
  const allowed = `under ${template.path}.metadata.annotations`;
  for (const place of strayPlaces(root, template)) {
    for (const [key, spot] of entriesOf(place)) {
      if (!isOurs(key)) continue;
      const message = `${key} has no effect here (${place.path}).`;
      complain(spot, { severity: 'warning', message, allowed });
    }
  }
};
