/** The look-up of the gateway's address, as the articles have it, on a real API server. */
import { readFileSync } from 'node:fs';
import { connectCluster } from '@flyball/platform/kubernetes';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { CoreService } from '../objects/cluster-object.ts';
import { type ClusterBed, startLoops } from '../testing/cluster-bed.ts';
import { openNamespace, type TestNamespace } from '../testing/cluster-namespace.ts';
import type { GatewayService } from './gateway-address.ts';
import { gatewayLoop } from './gateway-loop.ts';

const access = connectCluster({ kubeconfig: inject('kubeconfig'), namespaces: [] });
const serviceNamed = (name: string) => ({ apiVersion: 'v1', kind: 'Service', name });
let namespace: TestNamespace;
/** Where Flyball itself is: not among those that are looked at. */
let system: TestNamespace;
let bed: ClusterBed;

/** The Service of the sample, in a namespace of the test's own. */
const sample = (): CoreService => {
  const file = new URL('../../../../samples/ingress/istio-names.yaml', import.meta.url);
  const documents = parseAllDocuments(readFileSync(file, 'utf8')).map((one) => one.toJS());
  const service = documents.find(({ kind }) => kind === 'Service') as CoreService;
  return { ...service, metadata: { ...service.metadata, namespace: namespace.name } };
};

const told = async () =>
  (await namespace.find<GatewayService>(serviceNamed('istio-ingressgateway')))?.status?.loadBalancer
    ?.ingress;

beforeAll(async () => {
  namespace = await openNamespace(access);
  system = await openNamespace(access);
  bed = startLoops([gatewayLoop], {
    kubeconfig: inject('kubeconfig'),
    env: {
      FLYBALL_NAMESPACES: namespace.name,
      FLYBALL_ACTIVATOR_SERVICE: `${system.name}/activator`,
      FLYBALL_KNATIVE_SERVICES: 'off',
    },
  });
});

afterAll(async () => {
  await bed[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await system[Symbol.asyncDispose]();
  await access.close();
});

test('it is that of the activators, whatever it becomes', async () => {
  await namespace.create(sample());
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
  const metadata = { name: 'activator' };
  await system.create({ apiVersion: 'v1', kind: 'Service', metadata, spec: { ports } });
  const activators = await system.find<GatewayService>(serviceNamed('activator'));
  await expect.poll(told).toMatchObject([{ ip: activators?.spec.clusterIP }]);
  await system.patch(serviceNamed('activator'), { spec: { externalIPs: ['192.0.2.7'] } });
  await expect.poll(told).toMatchObject([{ ip: '192.0.2.7' }]);
});
