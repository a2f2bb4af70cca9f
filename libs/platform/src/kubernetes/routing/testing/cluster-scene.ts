/** A namespace on a real API server with a Deployment whose pods are ready because the test says so. */
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
  metadata: { name },
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

export const openClusterScene = async (kubeconfig: string): Promise<ClusterScene> => {
  const access = connectCluster({ kubeconfig, namespaces: [] });
  const namespace = `routing-${randomInt(1_000_000_000)}`;
  const core = `/api/v1/namespaces/${namespace}`;
  const slicesPath = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const post = (path: string, body: object) => access.request({ method: 'POST', path, body });
  const patch = (path: string, body: object) => access.request({ method: 'PATCH', path, body });
  await post('/api/v1/namespaces', { metadata: { name: namespace } });
  await post(slicesPath, {
    metadata: { name: 'activator-1', labels: { 'kubernetes.io/service-name': 'activator' } },
    ...{ addressType: 'IPv4', ports: [activatorPort], endpoints: [] },
  });
  const service: ClusterScene['service'] = (name) =>
    access.request<V1Service>({ path: `${core}/services/${name}` });
  const pods: ClusterScene['pods'] = async (deployment) => {
    const path = `${core}/pods?labelSelector=app%3D${deployment}`;
    return (await access.request<{ items: V1Pod[] }>({ path })).items;
  };
  const setReady: ClusterScene['setReady'] = async (pod, address, ready) => {
    const condition = { type: 'Ready', status: ready ? 'True' : 'False' };
    await patch(`${core}/pods/${pod.metadata?.name}/status`, {
      status: {
        ...{ phase: 'Running', podIP: address, podIPs: [{ ip: address }] },
        conditions: [condition],
      },
    });
  };
  const slices: ClusterScene['slices'] = (name) => readSlicesOf(access, namespace, name);
  return {
    ...{ access, namespace, service, pods, setReady, slices, until },
    activatorService: `${namespace}/activator`,
    createService: async (name, deployment) => {
      const annotations =
        deployment === undefined ? {} : { [serviceAnnotation.deployment]: deployment };
      await post(`${core}/services`, {
        metadata: { name, annotations },
        spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
      });
      return service(name);
    },
    annotate: async (name, annotations) => {
      await patch(`${core}/services/${name}`, { metadata: { annotations } });
    },
    createDeployment: async (name, addresses) => {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      await post(path, deploymentOf(name, addresses.length));
      await until(`${name} has its pods`, async () => {
        return (await pods(name)).length === addresses.length;
      });
      const made = await pods(name);
      await Promise.all(made.map((pod, at) => setReady(pod, addresses[at] ?? '', true)));
    },
    setActivators: async (addresses) => {
      const endpoints = addresses.map((one) => ({
        addresses: [one],
        conditions: { ready: true },
      }));
      await patch(`${slicesPath}/activator-1`, { endpoints });
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
