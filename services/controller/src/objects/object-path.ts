/** Where the API server keeps each kind of object that the controller writes. */

const collections = {
  Deployment: { group: '/apis/apps/v1', plural: 'deployments' },
  Service: { group: '/api/v1', plural: 'services' },
  Event: { group: '/api/v1', plural: 'events' },
  HorizontalPodAutoscaler: { group: '/apis/autoscaling/v2', plural: 'horizontalpodautoscalers' },
  KnativeService: { group: '/apis/serving.knative.dev/v1', plural: 'services' },
  Route: { group: '/apis/serving.knative.dev/v1', plural: 'routes' },
  PodAutoscaler: {
    group: '/apis/autoscaling.internal.knative.dev/v1alpha1',
    plural: 'podautoscalers',
  },
} as const;

export type WrittenKind = keyof typeof collections;

/** All of a kind: `/apis/apps/v1/deployments`. */
export const collectionPath = (kind: WrittenKind): string => {
  const { group, plural } = collections[kind];
  return `${group}/${plural}`;
};

const isKind = (kind: string): kind is WrittenKind => Object.hasOwn(collections, kind);

/** Knative's Service shares its kind with Kubernetes' own. */
const kindOf = ({ apiVersion, kind }: { apiVersion: string; kind: string }): WrittenKind => {
  const named = kind === 'Service' && apiVersion.includes('/') ? 'KnativeService' : kind;
  if (!isKind(named)) throw new Error(`${apiVersion} ${kind} is nothing that is written here`);
  return named;
};

/** Those of one namespace: `/apis/apps/v1/namespaces/default/deployments`. */
export const namespacePath = (
  object: { readonly apiVersion: string; readonly kind: string },
  namespace: string,
): string => {
  const { group, plural } = collections[kindOf(object)];
  return `${group}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
};
