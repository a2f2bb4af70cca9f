/** Where the API server keeps each kind that the command reads or changes. */

export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

const resource = (apiVersion: string, kind: string, plural: string): Resource => ({
  ...{ apiVersion, kind, plural },
});

export const deployments = resource('apps/v1', 'Deployment', 'deployments');
export const services = resource('v1', 'Service', 'services');
export const namespaces = resource('v1', 'Namespace', 'namespaces');
export const endpointSlices = resource('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices');
export const autoscalers = resource(
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
  'horizontalpodautoscalers',
);
export const scaledObjects = resource('keda.sh/v1alpha1', 'ScaledObject', 'scaledobjects');
export const httpScaledObjects = resource(
  'http.keda.sh/v1alpha1',
  'HTTPScaledObject',
  'httpscaledobjects',
);
export const knativeServices = resource('serving.knative.dev/v1', 'Service', 'services');

const all: readonly Resource[] = [
  ...[deployments, services, autoscalers],
  ...[scaledObjects, httpScaledObjects, knativeServices],
];

/** The resource of an object, in the version that it was read in; undefined for other kinds. */
export const resourceOf = (apiVersion: string, kind: string): Resource | undefined => {
  const groupOf = (version: string): string => version.split('/').slice(0, -1).join('/');
  const found = all.find(
    (one) => one.kind === kind && groupOf(one.apiVersion) === groupOf(apiVersion),
  );
  return found && { ...found, apiVersion };
};

/** The path of a collection; an empty namespace is all of them. */
export const collectionPath = ({ apiVersion, plural }: Resource, namespace: string): string => {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${within}/${plural}`;
};

/** The path of one object. */
export const objectPath = (kind: Resource, namespace: string, name: string): string =>
  `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
