/** Public Services that get or lose their selector, while Kubernetes and users take their time. */
import { OutsideError } from '@flyball/contracts';
import {
  type ClusterAccess,
  type ClusterCall,
  createObjectCache,
} from '@flyball/platform/kubernetes';
import { beginLife, sleep, systemClock } from '@flyball/service';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import type { ControllerParts } from '../loop.ts';
import type { EventText } from '../objects/event-recorder.ts';
import { endpointsLoop } from './endpoints-loop.ts';
import { createManagedWorkloads } from './managed-workloads.ts';
import { createRoutingSight } from './routing-sight.ts';

const identity = { namespace: 'shop', resourceVersion: '10' };
const sliceOf = (manager: string) => ({
  metadata: {
    ...{ ...identity, name: `web-of-${manager}`, uid: manager },
    labels: {
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': manager,
    },
  },
  ...{ addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [] },
});
const ofKubernetes = sliceOf('endpointslice-controller.k8s.io');
const activators = {
  metadata: { name: 'activator-1', namespace: 'flyball-system', uid: 'a', resourceVersion: '10' },
  ...{ addressType: 'IPv4', endpoints: [{ addresses: ['10.9.9.9'] }] },
  ports: [{ name: 'http', port: 8012, protocol: 'TCP' }],
};
const deployment = {
  metadata: { ...identity, name: 'wbe', uid: 'd1', annotations: { 'flyball.dev/enabled': 'true' } },
  spec: { selector: {}, template: {} },
};

const podOf = (name: string) => ({
  metadata: {
    ...{ ...identity, name: `${name}-5f6d-1`, uid: 'p1' },
    labels: { 'pod-template-hash': '5f6d' },
    ownerReferences: [{ kind: 'ReplicaSet', name: `${name}-5f6d`, controller: true }],
  },
  spec: { nodeName: 'node-1', containers: [] },
  status: {
    ...{ phase: 'Running', podIPs: [{ ip: '10.0.0.2' }] },
    conditions: [{ type: 'Ready', status: 'True' }],
  },
});

/** What is listed of a cluster, by what is asked for, and what comes later. */
interface ClusterGiven {
  readonly service: object;
  readonly listed: Readonly<Record<string, readonly object[]>>;
  readonly later: { readonly asked: string; readonly object: object };
}

/** A part of what is asked for, by which it is known. */
const asked = {
  ours: 'managed-by%3Dflyball.dev',
  theirs: 'managed-by+in+',
  activators: 'namespaces/flyball-system/endpointslices',
  deployments: '/apis/apps/v1/deployments',
  pods: '/api/v1/pods',
};

const openCluster = ({ service, listed, later }: ClusterGiven) => {
  const come = Promise.withResolvers<string>();
  const writes: string[] = [];
  const itemsIn = (path: string): readonly object[] => {
    if (path.startsWith('/api/v1/services')) return [service];
    return Object.entries(listed).find(([what]) => path.includes(what))?.[1] ?? [];
  };
  async function* watch({ path, signal }: ClusterCall): AsyncGenerator<Buffer> {
    const over = new Promise<string>((resolve) => {
      signal?.addEventListener('abort', () => resolve(''), { once: true });
    });
    if (path.includes(later.asked)) yield Buffer.from(await Promise.race([come.promise, over]));
    await over;
  }
  const access: ClusterAccess = {
    namespaces: [],
    api: () => {
      throw new Error('nobody asks by it');
    },
    request: async <Answer>({ method, path, body }: ClusterCall) => {
      if (method !== undefined) {
        writes.push(`${method} ${path.split('?')[0]?.split('/').at(-1)}`);
        return body as Answer;
      }
      if (path.endsWith('/services/web')) return service as Answer;
      return { metadata: { resourceVersion: '10' }, items: itemsIn(path) } as Answer;
    },
    open: async (call) => Object.assign(watch(call), { destroy: () => undefined }),
    close: async () => undefined,
  };
  const comeLater = (): void =>
    come.resolve(`${JSON.stringify({ type: 'ADDED', object: later.object })}\n`);
  return { access, writes, comeLater };
};

/** The real loop of one partition, on a cluster that answers as given. */
const startLoop = async (access: ClusterAccess) => {
  const living = beginLife({
    ...{ service: 'controller', instance: '1', logger: pino({ level: 'silent' }) },
    ...{ clock: systemClock, random: Math.random },
    onCrash: (error) => expect.unreachable(String(error)),
  });
  const { life } = living;
  const open = (path: string) =>
    createObjectCache<never, never>({ access, what: { path }, trim: (object) => object });
  const services = open('/api/v1/services');
  const deployments = open('/apis/apps/v1/deployments');
  const managed = createManagedWorkloads({
    ...{ deployments, namespaces: undefined },
    ...{ optIn: 'annotated', ownNamespace: 'flyball-system' },
  });
  const activatorService = 'flyball-system/activator';
  const routing = createRoutingSight({ access, services, activatorService, managed });
  const told: string[] = [];
  const events = {
    record: async (_: unknown, { reason, message }: EventText) => {
      told.push(`${reason}: ${message}`);
    },
  };
  const parts = { access, life, routing, managed, events } as unknown as ControllerParts;
  const ownership = { isHeld: () => true, partitionCount: 1 };
  life.run('loop', (signal) => endpointsLoop.run(0, { signal, ownership }, parts));
  for (const { follow } of [services, deployments, routing]) life.run('cluster', follow);
  await vi.waitFor(() => expect(routing.isSynced()).toBe(true));
  // It has looked at the Service by then, and once more after the pause between two looks.
  await sleep(systemClock, 250, new AbortController().signal);
  return { told, drain: () => living.drain() };
};

it('keeps our slices until those of Kubernetes are there', async () => {
  const { access, writes, comeLater } = openCluster({
    service: {
      metadata: { ...identity, name: 'web', uid: 's1' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    },
    listed: { [asked.ours]: [sliceOf('flyball.dev')] },
    later: { asked: asked.theirs, object: ofKubernetes },
  });
  const { drain } = await startLoop(access);
  expect(writes).toEqual([]);
  comeLater();
  await vi.waitFor(() => expect(writes).toEqual(['DELETE web-of-flyball.dev']));
  await drain();
});

const publicService = {
  metadata: {
    ...{ ...identity, name: 'web', uid: 's1' },
    annotations: { 'flyball.dev/deployment': 'wbe' },
  },
  spec: { clusterIP: '10.1.1.1', ipFamilies: ['IPv4'], ports: [{ port: 80 }] },
};
const wbeComesLater = { asked: asked.deployments, object: deployment };

it('keeps the endpoints of a Service whose Deployment is not there, and says so', async () => {
  const { access, writes, comeLater } = openCluster({
    service: publicService,
    listed: { [asked.theirs]: [ofKubernetes], [asked.activators]: [activators] },
    later: wbeComesLater,
  });
  const { told, drain } = await startLoop(access);
  expect(writes).toEqual([]);
  expect(told).toEqual([expect.stringContaining('NotRouted: Service shop/web names Deployment')]);
  expect(told[0]).toContain('shop/wbe, which is not there');
  comeLater();
  const taken = ['POST endpointslices', `DELETE ${ofKubernetes.metadata.name}`];
  await vi.waitFor(() => expect(writes).toEqual(taken));
  expect(told).toHaveLength(1);
  await drain();
});

it('keeps them, and accuses nobody, while Deployments are not listed yet', async () => {
  const { access, writes } = openCluster({
    service: publicService,
    listed: { [asked.theirs]: [ofKubernetes], [asked.activators]: [activators] },
    later: wbeComesLater,
  });
  const request: ClusterAccess['request'] = async (call) => {
    if (!call.path.includes(asked.deployments)) return access.request(call);
    throw new OutsideError('PLATFORM_UNREACHABLE', 'not now', { retriable: true });
  };
  const { told, drain } = await startLoop({ ...access, request });
  expect([writes, told]).toEqual([[], []]);
  await drain();
});

it('leads the ports with TLS of a Service without others to the pods, and says so', async () => {
  const ports = [{ name: 'https', port: 443, targetPort: 8443 }];
  const { access, writes } = openCluster({
    service: { ...publicService, spec: { ...publicService.spec, ports } },
    listed: {
      ...{ [asked.theirs]: [ofKubernetes], [asked.activators]: [activators] },
      ...{ [asked.deployments]: [deployment], [asked.pods]: [podOf('wbe')] },
    },
    later: wbeComesLater,
  });
  const { told, drain } = await startLoop(access);
  expect(writes).toEqual(['POST endpointslices', `DELETE ${ofKubernetes.metadata.name}`]);
  expect(told).toEqual([expect.stringContaining('NotRouted: Service shop/web has no TCP port')]);
  await drain();
});

it('warns of a Service whose nodes drop what they get, and leads it all the same', async () => {
  const spec = { ...publicService.spec, type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
  const { access, writes } = openCluster({
    service: { ...publicService, spec },
    listed: { [asked.activators]: [activators], [asked.deployments]: [deployment] },
    later: wbeComesLater,
  });
  const { told, drain } = await startLoop(access);
  expect(writes).toEqual(['POST endpointslices']);
  expect(told).toEqual([expect.stringContaining('LocalTraffic: Service shop/web')]);
  await drain();
});

it('leads a Service that had no endpoints before its Deployment comes', async () => {
  const { access, writes } = openCluster({
    service: publicService,
    listed: { [asked.activators]: [activators] },
    later: wbeComesLater,
  });
  const { told, drain } = await startLoop(access);
  expect(writes).toEqual(['POST endpointslices']);
  expect(told).toEqual([]);
  await drain();
});
