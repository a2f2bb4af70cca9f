/** The Service of the activators: a public Service has its addresses while they are in the path. */
import type { ApiClient } from '../api/api-client.ts';

export interface ActivatorService {
  /** `<namespace>/<name>`, as the setting `activatorService` has it. */
  readonly name: string;
  /** Says which activators there are now. */
  setAddresses(addresses: readonly string[]): Promise<void>;
}

const slicePath = (namespace: string): string =>
  `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;

/** Creates it in the namespace. The test does what a Deployment of activators would do. */
export const createActivatorService = async (
  api: ApiClient,
  namespace: string,
  port: number,
): Promise<ActivatorService> => {
  const ports = [{ name: 'http', port: 80, targetPort: port, protocol: 'TCP' }];
  const metadata = { name: 'activator' };
  await api.create(`/api/v1/namespaces/${namespace}/services`, { metadata, spec: { ports } });
  await api.create(slicePath(namespace), {
    metadata: {
      name: 'activator-1',
      labels: { 'kubernetes.io/service-name': 'activator' },
    },
    ...{ addressType: 'IPv4', ports: [{ name: 'http', port, protocol: 'TCP' }], endpoints: [] },
  });
  return {
    name: `${namespace}/activator`,
    setAddresses: async (addresses) => {
      const conditions = { ready: true, serving: true, terminating: false };
      const endpoints = addresses.map((address) => ({ addresses: [address], conditions }));
      await api.patch(`${slicePath(namespace)}/activator-1`, { endpoints });
    },
  };
};
