/** The real loop of one partition, on a cluster that answers as given and tells when told to. */
import type { Routing } from '@flyball/contracts';
import {
  type ClusterAccess,
  type ClusterCall,
  createObjectCache,
  type EndpointPod,
  type EndpointSlice,
  endpointPodOf,
  endpointSlicesOf,
  type PodObject,
  type ServiceObject,
} from '@flyball/platform/kubernetes';
import { beginLife, sleep, systemClock } from '@flyball/service';
import { pino } from 'pino';
import { expect } from 'vitest';
import type { ControllerParts } from '../../loop.ts';
import type { EventText } from '../../objects/event-recorder.ts';
import { endpointsLoop } from '../endpoints-loop.ts';
import { createManagedWorkloads, type ManagedWorkloads } from '../managed-workloads.ts';
import { createRoutingSight } from '../routing-sight.ts';

const identity = { namespace: 'shop', resourceVersion: '10' };
/** Of the Service `shop/web`. */
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
export const ofFlyball = sliceOf('flyball.dev');
export const ofKubernetes = sliceOf('endpointslice-controller.k8s.io');
/** A copy of Endpoints that a user wrote. */
export const ofUser = sliceOf('endpointslicemirroring-controller.k8s.io');

export const activatorAddress = '10.9.9.9';
export const activators = {
  metadata: { name: 'activator-1', namespace: 'flyball-system', uid: 'a', resourceVersion: '10' },
  ...{ addressType: 'IPv4', endpoints: [{ addresses: [activatorAddress] }] },
  ports: [{ name: 'http', port: 8012, protocol: 'TCP' }],
};
/** The one that the public Service names. */
export const deployment = {
  metadata: { ...identity, name: 'wbe', uid: 'd1', annotations: { 'flyball.dev/enabled': 'true' } },
  spec: { selector: {}, template: {} },
};
/** Its pod, which is ready. */
export const pod = {
  metadata: {
    ...{ ...identity, name: 'wbe-5f6d-1', uid: 'p1' },
    labels: { 'pod-template-hash': '5f6d' },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'wbe-5f6d', controller: true }],
  },
  spec: { nodeName: 'node-1', containers: [] },
  status: {
    ...{ phase: 'Running', podIPs: [{ ip: '10.0.0.2' }] },
    conditions: [{ type: 'Ready', status: 'True' }],
  },
};
export const publicService = {
  metadata: {
    ...{ ...identity, name: 'web', uid: 's1' },
    annotations: { 'flyball.dev/deployment': 'wbe' },
  },
  spec: { clusterIP: '10.1.1.1', ipFamilies: ['IPv4'], ports: [{ port: 80 }] },
};

/** Our slices of a Service that leads to that pod or to the activator, as they are stored. */
export const slicesLed = (service: object, routing: Routing): readonly EndpointSlice[] => {
  const wish = {
    ...{ service: service as ServiceObject, routing },
    pods: [endpointPodOf(pod as unknown as PodObject) as EndpointPod],
    activators: [activators as EndpointSlice],
  };
  return endpointSlicesOf(wish).slices.map((slice) => ({
    ...slice,
    metadata: { ...slice.metadata, uid: 'ours', resourceVersion: '10' },
  }));
};

/** A part of what is asked for, by which it is known. */
export const asked = {
  services: '/api/v1/services',
  ours: 'managed-by%3Dflyball.dev',
  theirs: 'managed-by+in+',
  activators: 'namespaces/flyball-system/endpointslices',
  deployments: '/apis/apps/v1/deployments',
  pods: '/api/v1/pods',
};

export interface ClusterGiven {
  readonly service: object;
  /** As it is when it is read; as it is listed by default. */
  readonly serviceNow?: object;
  /** What else is listed, by what is asked for. */
  readonly listed: Readonly<Record<string, readonly object[]>>;
}

/** What a watch tells, in order, until it is over. */
const createTelling = () => {
  const told: Buffer[] = [];
  let wake = (): void => undefined;
  return {
    tell: (line: string): void => {
      told.push(Buffer.from(line));
      wake();
    },
    async *lines(signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
      signal?.addEventListener('abort', () => wake(), { once: true });
      while (signal?.aborted !== true) {
        const next = told.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
};

export const openCluster = ({ service, serviceNow = service, listed }: ClusterGiven) => {
  const writes: string[] = [];
  const bodies: object[] = [];
  let reads = 0;
  const known: Readonly<Record<string, readonly object[]>> = {
    [asked.services]: [service],
    ...listed,
  };
  const tellings = Object.values(asked).map((what) => ({ what, telling: createTelling() }));
  const tellingOf = (path: string) => tellings.find(({ what }) => path.includes(what))?.telling;
  const access: ClusterAccess = {
    namespaces: [],
    api: () => {
      throw new Error('nobody asks by it');
    },
    request: async <Answer>({ method, path, body }: ClusterCall) => {
      if (method !== undefined) {
        writes.push(`${method} ${path.split('?')[0]?.split('/').at(-1)}`);
        bodies.push(body as object);
        return body as Answer;
      }
      if (path.endsWith('/services/web')) {
        reads += 1;
        return serviceNow as Answer;
      }
      const items = Object.entries(known).find(([what]) => path.includes(what))?.[1] ?? [];
      return { metadata: { resourceVersion: '10' }, items } as Answer;
    },
    open: async ({ path, signal }) => {
      const lines = (tellingOf(path) ?? createTelling()).lines(signal);
      return Object.assign(lines, { destroy: () => undefined });
    },
    close: async () => undefined,
  };
  const tell = (what: string, object: object, type = 'ADDED'): void =>
    tellingOf(what)?.tell(`${JSON.stringify({ type, object })}\n`);
  return { access, writes, bodies, tell, reads: () => reads };
};

export interface LoopGiven {
  readonly partition?: number;
  readonly partitionCount?: number;
  /** What is seen of Deployments, where that is not the cluster's word. */
  readonly managed?: ManagedWorkloads;
}

export const startLoop = async (access: ClusterAccess, given: LoopGiven = {}) => {
  const { partition = 0, partitionCount = 1 } = given;
  const living = beginLife({
    ...{ service: 'controller', instance: '1', logger: pino({ level: 'silent' }) },
    ...{ clock: systemClock, random: Math.random },
    onCrash: (error) => expect.unreachable(String(error)),
  });
  const { life } = living;
  const open = (path: string) =>
    createObjectCache<never, never>({ access, what: { path }, trim: (object) => object });
  const services = open(asked.services);
  const deployments = open(asked.deployments);
  const seen = createManagedWorkloads({
    ...{ deployments, namespaces: undefined },
    ...{ optIn: 'annotated', ownNamespace: 'flyball-system' },
  });
  const { managed = seen } = given;
  const activatorService = 'flyball-system/activator';
  const routing = createRoutingSight({ access, services, activatorService, managed });
  const told: string[] = [];
  const events = {
    record: async (_: unknown, { reason, message }: EventText) => {
      told.push(`${reason}: ${message}`);
    },
  };
  const parts = { access, life, routing, managed, events } as unknown as ControllerParts;
  const ownership = { isHeld: () => true, partitionCount };
  life.run('loop', (signal) => endpointsLoop.run(partition, { signal, ownership }, parts));
  for (const { follow } of [services, deployments, routing]) life.run('cluster', follow);
  await expect.poll(() => routing.isSynced()).toBe(true);
  /** It has looked at the Service by then, and once more after the pause between two looks. */
  const look = (): Promise<unknown> => sleep(systemClock, 250, new AbortController().signal);
  await look();
  return { told, look, drain: () => living.drain() };
};
