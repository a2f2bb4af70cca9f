/** A namespace of its own on a real API server, for tests of verbs that look at a cluster. */
import { randomInt } from 'node:crypto';
import { orNothing } from '@flyball/platform';
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import { collectionPath, objectPath, type Resource, resourceOf } from '../cluster/resources.ts';

interface Given {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: object;
  readonly spec?: unknown;
}

export interface ClusterNamespace extends AsyncDisposable {
  readonly name: string;
  create(object: Given, fieldManager?: string): Promise<void>;
  patch(kind: Resource, name: string, patch: object): Promise<void>;
  /** Undefined: there is none. */
  find(kind: Resource, name: string): Promise<Record<string, unknown> | undefined>;
}

const resourceFor = ({ apiVersion, kind }: Given): Resource => {
  const resource = resourceOf(apiVersion, kind);
  if (resource === undefined) throw new Error(`no resource is known for ${apiVersion} ${kind}`);
  return resource;
};

/** Makes it; with all that is in it, it is deleted when it is disposed of. */
export const openClusterNamespace = async (access: ClusterAccess): Promise<ClusterNamespace> => {
  const name = `cli-${randomInt(1_000_000_000)}`;
  const collection = '/api/v1/namespaces';
  await access.request({ method: 'POST', path: collection, body: { metadata: { name } } });
  return {
    name,
    create: async (object, fieldManager = 'test') => {
      const path = `${collectionPath(resourceFor(object), name)}?fieldManager=${fieldManager}`;
      await access.request({ method: 'POST', path, body: object });
    },
    patch: async (kind, object, body) => {
      await access.request({ method: 'PATCH', path: objectPath(kind, name, object), body });
    },
    find: (kind, object) => orNothing(access.request({ path: objectPath(kind, name, object) })),
    [Symbol.asyncDispose]: async () => {
      await access.request({ method: 'DELETE', path: `${collection}/${name}` });
    },
  };
};

/** A Deployment without pods, with labels that a Service can select. */
export const emptyDeployment = (name: string, annotations: Record<string, string> = {}) => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, annotations } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: 'none' }] },
    },
  },
});

/** A Service that selects the pods of the Deployment of its name. */
export const selectingService = (name: string) => ({
  ...{ apiVersion: 'v1', kind: 'Service', metadata: { name } },
  spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
});

export const cpuAutoscaler = (name: string) => ({
  ...{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name } },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    maxReplicas: 3,
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
      },
    ],
  },
});
