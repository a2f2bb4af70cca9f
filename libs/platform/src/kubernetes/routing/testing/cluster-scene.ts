/** A namespace on a real API server, with pods that are ready because the test says so. */
import { randomInt } from 'node:crypto';
import type { V1EndpointSlice, V1Pod, V1Service } from '@kubernetes/client-node';
import { type ClusterAccess, connectCluster } from '../../cluster-access.ts';
import { serviceAnnotation } from '../public-service.ts';
import { readSlicesOf } from '../slice-store.ts';

const limitMs = 30_000;
const pollMs = 20;

export interface ClusterScene extends AsyncDisposable {
  readonly access: ClusterAccess;
  readonly namespace: string;
  /** `namespace/activator` */
  readonly activatorService: string;
  createService(name: string, deployment?: string): Promise<V1Service>;
  service(name: string): Promise<V1Service>;
  annotate(name: string, annotations: Record<string, string | null>): Promise<void>;
  /** Makes the Deployment's pods as many, each with an address and ready. */
  createDeployment(name: string, addresses: readonly string[]): Promise<void>;
  pods(deployment: string): Promise<readonly V1Pod[]>;
  setReady(pod: V1Pod, address: string, ready: boolean): Promise<void>;
  setActivators(addresses: readonly string[]): Promise<void>;
  slices(service: string): Promise<readonly V1EndpointSlice[]>;
  /** All addresses of a Service's slices, in order. */
  addresses(service: string): Promise<readonly string[]>;
  until(what: string, holds: () => Promise<boolean>): Promise<void>;
}

const until: ClusterScene['until'] = async (what, holds) => {
  const endMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
};

const deploymentOf = (name: string, replicas: number) => ({
  metadata: { name, annotations: { 'flyball.dev/enabled': 'true' } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        // Nobody runs them: they are what the test says they are.
        schedulerName: 'nobody',
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'app', image: 'none', ports: [{ containerPort: 8080 }] }],
      },
    },
  },
});

const activatorPort = { name: 'http', port: 8012, protocol: 'TCP' };

interface Place {
  readonly access: ClusterAccess;
  readonly namespace: string;
}

const send =
  ({ access }: Place, method: 'POST' | 'PATCH') =>
  (path: string, body: object): Promise<unknown> =>
    access.request({ method, path, body });

const corePath = ({ namespace }: Place): string => `/api/v1/namespaces/${namespace}`;
const slicesPath = ({ namespace }: Place): string =>
  `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;

type Services = Pick<ClusterScene, 'createService' | 'service' | 'annotate'>;

const servicesOf = (place: Place): Services => {
  const services = `${corePath(place)}/services`;
  const service: ClusterScene['service'] = (name) =>
    place.access.request<V1Service>({ path: `${services}/${name}` });
  return {
    service,
    createService: async (name, deployment) => {
      const annotations =
        deployment === undefined ? {} : { [serviceAnnotation.deployment]: deployment };
      await send(place, 'POST')(services, {
        metadata: { name, annotations },
        spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
      });
      return service(name);
    },
    annotate: async (name, annotations) => {
      await send(place, 'PATCH')(`${services}/${name}`, { metadata: { annotations } });
    },
  };
};

type Workloads = Pick<ClusterScene, 'createDeployment' | 'pods' | 'setReady'>;

const workloadsOf = (place: Place): Workloads => {
  const core = corePath(place);
  const pods: ClusterScene['pods'] = async (deployment) => {
    const path = `${core}/pods?labelSelector=app%3D${deployment}`;
    return (await place.access.request<{ items: V1Pod[] }>({ path })).items;
  };
  const setReady: ClusterScene['setReady'] = async (pod, address, ready) => {
    const condition = { type: 'Ready', status: ready ? 'True' : 'False' };
    await send(place, 'PATCH')(`${core}/pods/${pod.metadata?.name}/status`, {
      status: {
        ...{ phase: 'Running', podIP: address, podIPs: [{ ip: address }] },
        conditions: [condition],
      },
    });
  };
  return {
    pods,
    setReady,
    createDeployment: async (name, addresses) => {
      const path = `/apis/apps/v1/namespaces/${place.namespace}/deployments`;
      await send(place, 'POST')(path, deploymentOf(name, addresses.length));
      await until(`${name} has its pods`, async () => {
        return (await pods(name)).length === addresses.length;
      });
      const made = await pods(name);
      await Promise.all(made.map((pod, at) => setReady(pod, addresses[at] ?? '', true)));
    },
  };
};

/** Makes the namespace; disposing of the scene removes it. */
export const openClusterScene = async (kubeconfig: string): Promise<ClusterScene> => {
  const access = connectCluster({ kubeconfig, namespaces: [] });
  const namespace = `routing-${randomInt(1_000_000_000)}`;
  const place: Place = { access, namespace };
  const path = slicesPath(place);
  await send(place, 'POST')('/api/v1/namespaces', { metadata: { name: namespace } });
  await send(place, 'POST')(path, {
    metadata: { name: 'activator-1', labels: { 'kubernetes.io/service-name': 'activator' } },
    ...{ addressType: 'IPv4', ports: [activatorPort], endpoints: [] },
  });
  const slices: ClusterScene['slices'] = (name) => readSlicesOf(access, namespace, name);
  return {
    ...{ ...place, slices, until },
    ...servicesOf(place),
    ...workloadsOf(place),
    activatorService: `${namespace}/activator`,
    setActivators: async (addresses) => {
      const conditions = { ready: true };
      const endpoints = addresses.map((one) => ({ addresses: [one], conditions }));
      await send(place, 'PATCH')(`${path}/activator-1`, { endpoints });
    },
    addresses: async (name) =>
      (await slices(name))
        .flatMap(({ endpoints = [] }) => endpoints.flatMap(({ addresses }) => addresses))
        .sort(),
    [Symbol.asyncDispose]: async () => {
      await access.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
      await access.close();
    },
  };
};
