/** A Knative Service → a Deployment with its annotations and a public Service of its name. */
import { z } from 'zod';
import { type ForeignObject, nameOf, shapeFault } from './foreign-object.ts';
import { type KnativePods, knativePods, type Revision, revisionSchema } from './knative-pods.ts';
import { knativeServiceLosses } from './knative-service-losses.ts';
import { publicAnnotations } from './public-service.ts';
import { enabled, flyballKey, settle } from './settled-annotations.ts';
import {
  deploymentName,
  type ObjectName,
  refusal,
  type Step,
  serviceName,
  type Translation,
} from './translation.ts';

type Texts = Record<string, string>;

const queueProxyKey = flyballKey('queue-proxy');

const specSchema = z.looseObject({ template: z.unknown().optional() });
const olderModes = ['runLatest', 'release', 'pinned'] as const;

const under = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );

/** `spec.template`, or what v1alpha1 has for it. */
const templateOf = (spec: unknown): unknown =>
  [
    under(spec, 'template'),
    ...olderModes.flatMap((mode) =>
      ['revisionTemplate', 'template'].map((name) => under(spec, mode, 'configuration', name)),
    ),
  ].find((template) => template !== undefined);

const isScaling = (key: string): boolean =>
  /^(autoscaling\.knative\.dev|flyball\.dev)\//.test(key) ||
  key === 'serving.knative.dev/progress-deadline';

/** Those that Knative's controllers and kubectl write: they mean nothing on a Deployment. */
const isForeign = (key: string): boolean =>
  /^([a-z-]+\.)*knative\.dev\//.test(key) || key.startsWith('kubectl.kubernetes.io/');

const wantedOf = ({ metadata, spec }: Revision): Texts => {
  const { containerConcurrency: limit, timeoutSeconds } = spec;
  const scaling = Object.entries(metadata?.annotations ?? {}).filter(([key]) => isScaling(key));
  return {
    ...enabled,
    ...Object.fromEntries(scaling),
    ...(limit
      ? {
          [flyballKey('container-concurrency')]: String(limit),
          [queueProxyKey]: 'true',
        }
      : {}),
    ...(timeoutSeconds ? { [flyballKey('timeout-seconds')]: String(timeoutSeconds) } : {}),
  };
};

const ownTexts = (texts: Texts | null | undefined): Texts =>
  Object.fromEntries(
    Object.entries(texts ?? {}).filter(([key]) => !isScaling(key) && !isForeign(key)),
  );

/** Who adds the queue-proxy looks at the pod itself. */
const injected = ({ [queueProxyKey]: asked }: Texts): Texts =>
  asked === undefined ? {} : { [queueProxyKey]: asked };

const appLabel = 'app';

const deploymentManifest = (
  { apiVersion, kind, namespace, name }: ObjectName,
  annotations: Texts,
  { revision, pods }: { revision: Revision; pods: KnativePods },
): Record<string, unknown> => {
  const labels = { ...ownTexts(revision.metadata?.labels), [appLabel]: name };
  const podAnnotations = { ...ownTexts(revision.metadata?.annotations), ...injected(annotations) };
  const hasAnnotations = Object.keys(podAnnotations).length > 0;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels: { [appLabel]: name }, annotations },
    spec: {
      selector: { matchLabels: { [appLabel]: name } },
      template: {
        metadata: { labels, ...(hasAnnotations ? { annotations: podAnnotations } : {}) },
        spec: pods.spec,
      },
    },
  };
};

const hostOf = (object: ForeignObject): string[] => {
  const url = under(object, 'status', 'url');
  const host = typeof url === 'string' ? /^https?:\/\/([^/:]+)/.exec(url)?.[1] : undefined;
  return host === undefined ? [] : [host];
};

const serviceManifest = (
  { apiVersion, kind, namespace, name }: ObjectName,
  hosts: readonly string[],
  { port, isHttp2 }: KnativePods,
): Record<string, unknown> => ({
  apiVersion,
  kind,
  metadata: { name, namespace, annotations: publicAnnotations({ deployment: name, hosts }) },
  spec: {
    ports: [
      {
        name: isHttp2 ? 'http2' : 'http',
        ...(isHttp2 ? { appProtocol: 'kubernetes.io/h2c' } : {}),
        port: 80,
        targetPort: port,
      },
    ],
  },
});

const stepsOf = (
  from: ObjectName,
  deployment: ObjectName,
  manifests: { deployment: Record<string, unknown>; service: Record<string, unknown> },
): Step[] => [
  {
    action: 'create',
    object: deployment,
    manifest: manifests.deployment,
    why: 'The same pods as an ordinary Deployment, beside those of Knative.',
  },
  {
    action: 'by-hand',
    why: 'See that its pods become ready and answer, before the name moves to them.',
  },
  {
    action: 'delete',
    object: from,
    why:
      'Its name becomes free. Until Knative has removed its own Service of it and the next ' +
      'step is done, clients get no answer.',
  },
  {
    action: 'create',
    object: serviceName(from.namespace, from.name),
    manifest: manifests.service,
    why: 'Clients find it by the name that they know; Flyball says where it leads.',
  },
];

const keepIt =
  'On a cluster without Knative nothing is to be translated: Flyball serves this object as it ' +
  'is, once its CustomResourceDefinitions are installed.';

/** What a Knative Service becomes. */
export const translateKnativeService = (object: ForeignObject): Translation => {
  const from = nameOf(object);
  const spec = specSchema.safeParse(object.spec);
  const template = templateOf(object.spec);
  if (!spec.success || template === undefined) {
    return refusal(from, 'It has no template: there is nothing to run.');
  }
  const read = revisionSchema.safeParse(template);
  if (!read.success)
    return refusal(from, `Its template cannot be read: ${shapeFault(read.error)}.`);
  const revision = read.data;
  const pods = knativePods(revision, from.name);
  if (pods === undefined) return refusal(from, 'Its template has no container.');
  const settled = settle(wantedOf(revision));
  const deployment = deploymentName(from.namespace, from.name);
  const service = serviceName(from.namespace, from.name);
  return {
    from,
    workload: `${from.namespace}/${from.name}`,
    refused: null,
    annotations: settled.annotations,
    losses: [...knativeServiceLosses(object, revision), ...settled.losses],
    notes: [...settled.notes, keepIt],
    steps: stepsOf(from, deployment, {
      deployment: deploymentManifest(deployment, settled.annotations, { revision, pods }),
      service: serviceManifest(service, hostOf(object), pods),
    }),
  };
};
