/** The samples of ingresses lead to a Service and hosts that Flyball knows. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hostsOfService, problemOfService, workloadOfService } from '@flyball/platform/kubernetes';
import { expect, it } from 'vitest';
import { type ClusterObject, objectsIn, objectsOf, root } from './rendered-overlay.ts';

const read = (path: string): readonly ClusterObject[] => objectsIn(readFileSync(path, 'utf8'));
const samples = globSync(join(root, 'samples/ingress/*.yaml')).map(
  (path) => [basename(path), read(path)] as const,
);
const workload = new Map(samples).get('workload.yaml') ?? [];
const services = [...workload, ...objectsOf('production')].filter(({ kind }) => kind === 'Service');

type PublicService = Parameters<typeof hostsOfService>[0];
const domain = 'example.com';

/** Every value below a key of this name, anywhere in the object. */
const valuesOf = (object: unknown, keys: readonly string[]): readonly unknown[] => {
  if (typeof object !== 'object' || object === null) return [];
  return Object.entries(object).flatMap(([name, value]) => [
    ...(keys.includes(name) ? [value].flat() : []),
    ...valuesOf(value, keys),
  ]);
};

it('the workload’s Service leads to its Deployment', () => {
  const [deployment] = workload.filter(({ kind }) => kind === 'Deployment');
  const service = workload.find(({ kind }) => kind === 'Service') as unknown as PublicService;
  expect(problemOfService(service)).toBeUndefined();
  const { namespace, name } = deployment?.metadata ?? { name: '' };
  expect(workloadOfService(service)).toBe(`${namespace}/${name}`);
});

const ingressKinds = ['Gateway', 'Ingress'];
const ingresses = samples.filter(([, objects]) =>
  objects.some(({ kind }) => ingressKinds.includes(kind)),
);

it('there are ingresses to look at', () => {
  expect(ingresses.map(([name]) => name).sort()).toEqual([
    'gateway-api.yaml',
    'istio-all-hosts.yaml',
    'istio.yaml',
    'nginx.yaml',
  ]);
});

it.each(ingresses)('%s takes requests for hosts that are known', (_name, objects) => {
  const service = workload.find(({ kind }) => kind === 'Service') as unknown as PublicService;
  const known = [...hostsOfService(service, domain), `*.${domain}`];
  const asked = valuesOf(objects, ['hostname', 'hostnames', 'hosts']).concat(
    objects.filter(({ kind }) => kind === 'Ingress').flatMap((one) => valuesOf(one, ['host'])),
  );
  expect(asked.length).toBeGreaterThan(0);
  for (const host of asked) expect(known).toContain(host);
});

/** How each kind names a Service and its port. */
const backends = [
  /"host":"([a-z]+)\.([a-z-]+)\.svc\.cluster\.local","port":{"number":(\d+)}/,
  /"backendRefs":\[{"name":"([a-z]+)",()"port":(\d+)}/,
  /"service":{"name":"([a-z]+)",()"port":{"name":"([a-z]+)"}}/,
];

it.each(ingresses)('%s leads to a Service and a port of it', (_name, objects) => {
  const text = JSON.stringify(objects);
  const [, name, place, port] = backends.flatMap((one) => text.match(one) ?? []);
  const namespace = place === '' ? objects[0]?.metadata.namespace : place;
  const service = services.find(
    ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
  );
  const ports = (service?.spec?.ports ?? []) as readonly { name: string; port: number }[];
  expect(ports.flatMap((one) => [one.name, String(one.port)])).toContain(port);
});
