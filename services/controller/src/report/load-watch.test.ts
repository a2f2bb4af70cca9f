/** When a Deployment that was taken is looked at. */
import type { WorkloadKey } from '@flyball/contracts';
import { defaultAutoscalerConfig } from '@flyball/knative';
import { expect, it } from 'vitest';
import type { CoreService, Deployment } from '../objects/cluster-object.ts';
import { createLoadWatch, type LoadWatchOptions } from './load-watch.ts';

const workload: WorkloadKey = 'shop/web';

const deployment: Deployment = {
  ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
  metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
  spec: { selector: {}, template: { metadata: { labels: { app: 'web' } }, spec: {} } },
};

const service: CoreService = {
  ...{ apiVersion: 'v1', kind: 'Service' },
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
};

const openStory = () => {
  const cluster = {
    deployment,
    services: [] as CoreService[],
    seen: true,
    namespaceLabels: {},
    queuePort: undefined as number | undefined,
  };
  const timers = new Set<() => void>();
  const told: string[] = [];
  const ending = new AbortController();
  const isSynced = () => cluster.seen;
  const sight = {
    caches: {
      deployments: { at: () => cluster.deployment, isSynced },
      services: { values: () => cluster.services, isSynced },
      namespaces: { get: () => ({ labels: cluster.namespaceLabels }), isSynced },
      config: () => defaultAutoscalerConfig,
    },
    routing: { isSynced, pods: () => [{ queuePort: cluster.queuePort }] },
  } as unknown as LoadWatchOptions['sight'];
  const watch = createLoadWatch({
    ...{ sight, signal: ending.signal },
    clock: {
      after: (_, action) => {
        timers.add(action);
        return () => void timers.delete(action);
      },
    },
    tell: (about, { reason }) => void told.push(`${about} ${reason}`),
  });
  const pass = (): void => {
    const due = [...timers];
    timers.clear();
    for (const action of due) action();
  };
  return { cluster, timers, told, watch, pass, end: () => ending.abort() };
};

const warned = ['shop/web RequestsNotCounted'];

it('is looked at a while later, as its Services may be applied after it', () => {
  const story = openStory();
  story.watch.taken(workload);
  expect(story.told).toEqual([]);
  story.cluster.services.push(service);
  story.pass();
  expect(story.told).toEqual(warned);
  story.pass();
  expect(story.told).toEqual(warned);
});

it('is looked at once more when the cluster was not seen, for a limited time', () => {
  const story = openStory();
  story.cluster.services.push(service);
  story.cluster.seen = false;
  story.watch.taken(workload);
  story.pass();
  expect(story.told).toEqual([]);
  story.cluster.seen = true;
  story.pass();
  expect(story.told).toEqual(warned);
  story.cluster.seen = false;
  story.watch.taken(workload);
  for (let n = 0; n < 100; n += 1) story.pass();
  expect(story.timers.size).toBe(0);
});

it('needs no word with a queue-proxy: in its pods, asked for, or by its Namespace', () => {
  const story = openStory();
  story.cluster.services.push(service);
  const look = (): readonly string[] => {
    story.watch.taken(workload);
    story.pass();
    return story.told.splice(0);
  };
  story.cluster.queuePort = 8_012;
  expect(look()).toEqual([]);
  story.cluster.queuePort = undefined;
  story.cluster.namespaceLabels = { 'flyball.dev/inject': 'true' };
  expect(look()).toEqual([]);
  story.cluster.namespaceLabels = {};
  expect(look()).toEqual(warned);
  const { metadata } = deployment.spec.template;
  const asking = { ...metadata, annotations: { 'flyball.dev/inject': 'true' } };
  const template = { metadata: asking, spec: {} };
  story.cluster.deployment = { ...deployment, spec: { ...deployment.spec, template } };
  expect(look()).toEqual([]);
});

it('is not looked at when it was let go, or when the partition is given away', () => {
  const story = openStory();
  story.cluster.services.push(service);
  story.watch.taken(workload);
  story.watch.forget(workload);
  story.watch.taken('shop/other');
  story.end();
  story.watch.taken(workload);
  story.pass();
  expect(story.told).toEqual([]);
  expect(story.timers.size).toBe(0);
});
