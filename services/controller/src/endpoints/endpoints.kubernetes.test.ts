/** The endpoints loop on a real API server: slices follow whatever comes and goes. */

import { createObjectCache } from '@flyball/platform/kubernetes';
import { type ClusterScene, openClusterScene } from '@flyball/platform/kubernetes/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type ClusterBed, startLoops } from '../testing/cluster-bed.ts';
import { endpointsLoop } from './endpoints-loop.ts';

const activators = ['10.244.9.1', '10.244.9.2'];
const pods = ['10.244.1.1', '10.244.1.2'];

let scene: ClusterScene;
let bed: ClusterBed;

const untilAddresses = (service: string, addresses: readonly string[]): Promise<void> =>
  scene.until(`${service} leads to ${addresses.join(' ') || 'nobody'}`, async () => {
    return (await scene.addresses(service)).join() === addresses.join();
  });

const routed = (deployment: string, routing: string) => ({
  'flyball.dev/routing': routing,
  'flyball.dev/routed-deployment': deployment,
});

const slicesPath = (): string =>
  `/apis/discovery.k8s.io/v1/namespaces/${scene.namespace}/endpointslices`;

const ownSlice = async (service: string): Promise<string> =>
  (await scene.slices(service))[0]?.metadata?.name ?? '';

beforeAll(async () => {
  const kubeconfig = inject('kubeconfig');
  scene = await openClusterScene(kubeconfig);
  bed = startLoops([endpointsLoop], {
    kubeconfig,
    env: {
      FLYBALL_NAMESPACES: scene.namespace,
      FLYBALL_ACTIVATOR_SERVICE: scene.activatorService,
      FLYBALL_KNATIVE_SERVICES: 'off',
    },
  });
  await scene.setActivators(activators.slice(0, 1));
  await scene.createDeployment('web', pods);
});

afterAll(async () => {
  await bed[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

test('a Service leads to the pods until it is routed, then to the activators', async () => {
  await scene.createService('web', 'web');
  await untilAddresses('web', pods);
  await scene.annotate('web', routed('web', 'activator'));
  await untilAddresses('web', activators.slice(0, 1));
  await scene.setActivators(activators);
  await untilAddresses('web', activators);
});

test('it leads to the pods while its Deployment is let go, and back when it is taken', async () => {
  const path = `/apis/apps/v1/namespaces/${scene.namespace}/deployments/web`;
  const enable = (enabled: string | null) =>
    scene.access.request({
      ...{ method: 'PATCH', path },
      body: { metadata: { annotations: { 'flyball.dev/enabled': enabled } } },
    });
  for (const letGo of ['false', null]) {
    await enable(letGo);
    await untilAddresses('web', pods);
    await enable('true');
    await untilAddresses('web', activators);
  }
});

test('routed to the pods, it leads to those that are ready, and to no other', async () => {
  await scene.annotate('web', routed('web', 'pods'));
  await untilAddresses('web', pods);
  const [first] = await scene.pods('web');
  if (first === undefined) throw new Error('there is no pod');
  const address = first.status?.podIP ?? '';
  await scene.setReady(first, address, false);
  await untilAddresses(
    'web',
    pods.filter((one) => one !== address),
  );
  await scene.setReady(first, address, true);
  await untilAddresses('web', pods);
  const path = `/api/v1/namespaces/${scene.namespace}/pods/${first.metadata?.name}`;
  const finalizers = ['flyball.dev/test'];
  await scene.access.request({ method: 'PATCH', path, body: { metadata: { finalizers } } });
  await scene.access.request({ method: 'DELETE', path });
  // It is still there, and ready by its conditions: but it is to end.
  await untilAddresses(
    'web',
    pods.filter((one) => one !== address),
  );
  const body = { metadata: { finalizers: null } };
  await scene.access.request({ method: 'PATCH', path, body });
});

test('with no ready pod left it leads to the activators, and never to nobody', async () => {
  const seen: number[] = [];
  const looking = new AbortController();
  const look = (async () => {
    while (!looking.signal.aborted) {
      seen.push((await scene.addresses('web')).length);
    }
  })();
  for (const pod of await scene.pods('web')) {
    if (pod.status?.podIP !== undefined) await scene.setReady(pod, pod.status.podIP, false);
  }
  await untilAddresses('web', activators);
  looking.abort();
  await look;
  expect(Math.min(...seen)).toBeGreaterThan(0);
});

test('what others write into its slices is put right, as is what they delete', async () => {
  const path = `${slicesPath()}/${await ownSlice('web')}`;
  const endpoints = [{ addresses: ['10.244.66.6'], conditions: { ready: true } }];
  await scene.access.request({ method: 'PATCH', path, body: { endpoints } });
  await untilAddresses('web', activators);
  await scene.access.request({ method: 'PATCH', path, body: { endpoints: [] } });
  await untilAddresses('web', activators);
  await scene.access.request({ method: 'DELETE', path });
  await untilAddresses('web', activators);
});

test('a Service that moves to another Deployment leads to that one’s pods at first', async () => {
  await scene.createDeployment('next', ['10.244.2.1']);
  await scene.annotate('web', routed('web', 'activator'));
  await untilAddresses('web', activators);
  await scene.annotate('web', { 'flyball.dev/deployment': 'next' });
  await untilAddresses('web', ['10.244.2.1']);
  await scene.annotate('web', routed('next', 'activator'));
  await untilAddresses('web', activators);
});

test('a Service that names nobody any more, or gets a selector, loses the slices', async () => {
  await scene.annotate('web', { 'flyball.dev/deployment': null });
  await untilAddresses('web', []);
  expect(await scene.slices('web')).toEqual([]);
  await scene.annotate('web', { 'flyball.dev/deployment': 'next' });
  await untilAddresses('web', activators);
  const path = `/api/v1/namespaces/${scene.namespace}/services/web`;
  const body = { spec: { selector: { app: 'nobody' } } };
  await scene.access.request({ method: 'PATCH', path, body });
  const isOurs = async () =>
    (await scene.slices('web')).some(({ metadata }) => metadata?.name?.startsWith('web-flyball'));
  await scene.until('our slices are gone', async () => !(await isOurs()));
  const events = `/api/v1/namespaces/${scene.namespace}/events`;
  await scene.until('the Service is told why', async () => {
    const { items } = await scene.access.request<{ items: { message: string }[] }>({
      path: `${events}?fieldSelector=reason%3DNotRouted`,
    });
    return items.some(({ message }) => message.includes('has a selector'));
  });
});

test('a Service that becomes an ordinary one again leads somewhere all the time', async () => {
  const name = 'again';
  const path = `/api/v1/namespaces/${scene.namespace}/services`;
  await scene.createService(name, 'web');
  await scene.until('it leads somewhere', async () => (await scene.addresses(name)).length > 0);
  const told: string[] = [];
  const slices = createObjectCache({
    access: scene.access,
    what: { path: slicesPath(), labelSelector: `kubernetes.io/service-name=${name}` },
    trim: ({ metadata }) => metadata?.labels?.['endpointslice.kubernetes.io/managed-by'],
  });
  slices.onChange((change) => {
    if (change.kind === 'kept') told.push(`${change.object} has one`);
    else if (change.kind === 'gone') told.push(`${change.before} has none`);
  });
  const over = new AbortController();
  const following = slices.follow(over.signal);
  await scene.until('the slices are seen', async () => slices.isSynced());
  const metadata = { annotations: { 'flyball.dev/deployment': null } };
  const body = { metadata, spec: { selector: { app: 'web' } } };
  await scene.access.request({ method: 'PATCH', path: `${path}/${name}`, body });
  await scene.until('ours are gone', async () => told.includes('flyball.dev has none'));
  over.abort();
  await following;
  const theirs = 'endpointslice-controller.k8s.io has one';
  expect(told).toContain(theirs);
  expect(told.indexOf(theirs)).toBeLessThan(told.indexOf('flyball.dev has none'));
});

test('a Service that loses its selector keeps none of the endpoints of before', async () => {
  const path = `/api/v1/namespaces/${scene.namespace}/services`;
  const body = {
    metadata: { name: 'former' },
    spec: { selector: { app: 'next' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  };
  await scene.access.request({ method: 'POST', path, body });
  const managers = async () =>
    (await scene.slices('former')).map(
      ({ metadata }) => metadata?.labels?.['endpointslice.kubernetes.io/managed-by'],
    );
  await scene.until('Kubernetes has made its slice', async () => (await managers()).length === 1);
  const patch = {
    metadata: { annotations: { 'flyball.dev/deployment': 'next' } },
    spec: { selector: null },
  };
  await scene.access.request({ method: 'PATCH', path: `${path}/former`, body: patch });
  await scene.until('only our slice is left', async () => {
    return (await managers()).join() === 'flyball.dev';
  });
  await untilAddresses('former', ['10.244.2.1']);
});

test('endpoints that a user wrote stay, and the user is told of them', async () => {
  const core = `/api/v1/namespaces/${scene.namespace}`;
  await scene.createService('written', 'next');
  const subsets = [
    { addresses: [{ ip: '10.244.77.7' }], ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] },
  ];
  const body = { metadata: { name: 'written' }, subsets };
  await scene.access.request({ method: 'POST', path: `${core}/endpoints`, body });
  await untilAddresses('written', ['10.244.2.1', '10.244.77.7']);
  await scene.until('the user is told', async () => {
    const { items } = await scene.access.request<{ items: { message: string }[] }>({
      path: `${core}/events?fieldSelector=involvedObject.name%3Dwritten`,
    });
    return items.some(({ message }) => message.includes('an Endpoints object of its own'));
  });
});

test('at rest it calls nobody', async () => {
  await scene.createService('quiet', 'next');
  await untilAddresses('quiet', ['10.244.2.1']);
  // Its own writes come back to it; then there is nothing more to do.
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await scene.until('its calls have ended', async () => {
    const seen = bed.calls.length;
    await pause(500);
    return bed.calls.length === seen;
  });
  const before = bed.calls.length;
  await pause(1_500);
  expect(bed.calls.slice(before)).toEqual([]);
});
