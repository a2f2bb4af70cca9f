/** A public Service that becomes an ordinary one again, while Kubernetes takes its time. */
import {
  type ClusterAccess,
  type ClusterCall,
  createObjectCache,
} from '@flyball/platform/kubernetes';
import { beginLife, sleep, systemClock } from '@flyball/service';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import type { ControllerParts } from '../loop.ts';
import { endpointsLoop } from './endpoints-loop.ts';
import { createRoutingSight } from './routing-sight.ts';

const identity = { namespace: 'shop', resourceVersion: '10' };
const service = {
  metadata: { ...identity, name: 'web', uid: 's1' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
};
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

/** The Service has its selector back; the slices for that come when the test says so. */
const openCluster = () => {
  const theirs = Promise.withResolvers<string>();
  const removed: string[] = [];
  const isOfOthers = (path: string): boolean => path.includes('managed-by+in+');
  const itemsIn = (path: string): readonly object[] => {
    if (path.startsWith('/api/v1/services')) return [service];
    const isOurs = path.includes('managed-by%3Dflyball.dev');
    return isOurs ? [sliceOf('flyball.dev')] : [];
  };
  async function* watch({ path, signal }: ClusterCall): AsyncGenerator<Buffer> {
    const over = new Promise<string>((resolve) => {
      signal?.addEventListener('abort', () => resolve(''), { once: true });
    });
    if (isOfOthers(path)) yield Buffer.from(await Promise.race([theirs.promise, over]));
    await over;
  }
  const access: ClusterAccess = {
    namespaces: [],
    api: () => {
      throw new Error('nobody asks by it');
    },
    request: async <Answer>({ method, path }: ClusterCall) => {
      if (method === 'DELETE') removed.push(path.split('/').at(-1) ?? '');
      if (path.endsWith('/services/web')) return service as Answer;
      return { metadata: { resourceVersion: '10' }, items: itemsIn(path) } as Answer;
    },
    open: async (call) => Object.assign(watch(call), { destroy: () => undefined }),
    close: async () => undefined,
  };
  const makeTheirs = (): void => {
    const object = sliceOf('endpointslice-controller.k8s.io');
    theirs.resolve(`${JSON.stringify({ type: 'ADDED', object })}\n`);
  };
  return { access, removed, makeTheirs };
};

it('keeps our slices until those of Kubernetes are there', async () => {
  const { access, removed, makeTheirs } = openCluster();
  const living = beginLife({
    ...{ service: 'controller', instance: '1', logger: pino({ level: 'silent' }) },
    ...{ clock: systemClock, random: Math.random },
    onCrash: (error) => expect.unreachable(String(error)),
  });
  const { life } = living;
  const services = createObjectCache<object, object>({
    access,
    what: { path: '/api/v1/services' },
    trim: (object) => object,
  });
  const activatorService = 'flyball-system/activator';
  const managed = { has: () => true, onChange: () => () => undefined };
  const routing = createRoutingSight({ access, services, activatorService, managed });
  const events = { record: async () => undefined };
  const parts = { access, life, routing, events } as unknown as ControllerParts;
  const ownership = { isHeld: () => true, partitionCount: 1 } as never;
  life.run('loop', (signal) => endpointsLoop.run(0, { signal, ownership }, parts));
  life.run('services', services.follow);
  life.run('routing', routing.follow);
  await vi.waitFor(() => expect(routing.isSynced()).toBe(true));
  // It has looked at the Service by then, and once more after the pause between two looks.
  await sleep(systemClock, 250, new AbortController().signal);
  expect(removed).toEqual([]);
  makeTheirs();
  await vi.waitFor(() => expect(removed).toEqual(['web-of-flyball.dev']));
  await living.drain();
});
