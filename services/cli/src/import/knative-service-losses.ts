/** What a Knative Service can say and a Deployment cannot, each with a sentence. */
import { isDeepStrictEqual } from 'node:util';
import type { ForeignObject } from './foreign-object.ts';
import type { Revision } from './knative-pods.ts';
import { flyballKey } from './settled-annotations.ts';
import { type Loss, lossOf } from './translation.ts';

const timeMessage = (field: string): string =>
  `Flyball has one time for a request, ${flyballKey('timeout-seconds')}; there is no ${field}.`;

const modelMessage = 'Write containerConcurrency: 1 instead of Single; Multi is the default.';

const fieldLosses = ({ spec }: Revision): Loss[] =>
  [
    ['responseStartTimeoutSeconds', timeMessage('other time until the first byte')],
    ['idleTimeoutSeconds', timeMessage('time for a silent connection')],
    ['concurrencyModel', modelMessage],
  ].flatMap(([field = '', message = '']) => {
    const value = spec[field];
    return value === undefined || value === null || value === 0
      ? []
      : [lossOf(`spec.template.spec.${field}`, value, message)];
  });

const wholeTraffic = [{ latestRevision: true, percent: 100 }];

const trafficLosses = ({ spec }: ForeignObject): Loss[] => {
  const traffic = (spec as { traffic?: unknown } | null | undefined)?.traffic;
  if (traffic === undefined || traffic === null || isDeepStrictEqual(traffic, wholeTraffic)) {
    return [];
  }
  const message =
    'Flyball scales and does not split traffic: all of it goes to this template. An ingress can ' +
    'divide it between two Services.';
  return [lossOf('spec.traffic', traffic, message)];
};

const visibilityKey = 'networking.knative.dev/visibility';

const visibilityLosses = ({ metadata }: ForeignObject): Loss[] => {
  const value = metadata.labels?.[visibilityKey];
  if (value === undefined) return [];
  const message = 'Who may ask from outside is a matter of the ingress: lead none to this Service.';
  return [lossOf(`metadata.labels.${visibilityKey}`, value, message)];
};

const servingKeys = /^(serving|networking|client|features)\.knative\.dev\//;
/** Written by Knative's own webhooks. */
const silentKeys = ['serving.knative.dev/creator', 'serving.knative.dev/lastModifier'];
const takenOver = ['serving.knative.dev/progress-deadline'];

const annotationLosses = (object: ForeignObject, revision: Revision): Loss[] =>
  [
    ['metadata.annotations', object.metadata.annotations] as const,
    ['spec.template.metadata.annotations', revision.metadata?.annotations] as const,
  ].flatMap(([path, annotations]) =>
    Object.entries(annotations ?? {}).flatMap(([key, value]) => {
      if (!servingKeys.test(key) || silentKeys.includes(key) || takenOver.includes(key)) return [];
      if (key.startsWith('client.')) return [];
      return [lossOf(`${path}.${key}`, value, 'Flyball has no counterpart of this annotation.')];
    }),
  );

/** Everything of the object that has no counterpart. */
export const knativeServiceLosses = (object: ForeignObject, revision: Revision): Loss[] => [
  ...trafficLosses(object),
  ...fieldLosses(revision),
  ...visibilityLosses(object),
  ...annotationLosses(object, revision),
];
