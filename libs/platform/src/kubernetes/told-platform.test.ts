import { expect, it } from 'vitest';
import type { PlatformChange, PodSeen, WorkloadSeen } from '../platform.ts';
import { createToldPlatform } from './told-platform.ts';

const web: WorkloadSeen = {
  ...{ workload: 'default/web', uid: 'u1', resourceVersion: '1', replicas: 1 },
  ...{ fieldManager: 'kubectl', annotations: {}, containerConcurrency: 0, timeoutSeconds: 300 },
  ...{ reachable: true, hosts: [], createdAtMs: 0 },
};
const pod: PodSeen = {
  ...{ workload: 'default/web', pod: 'web-1', address: null, metricsAddress: null },
  ...{ ready: false, unreadyReason: null, message: '', createdAtMs: 0 },
};

/** What a queue holds now. */
const drain = async (queue: AsyncIterable<PlatformChange>): Promise<string[]> => {
  const kinds: string[] = [];
  const reading = (async () => {
    for await (const change of queue) kinds.push(change.kind);
  })();
  await new Promise((resolve) => setImmediate(resolve));
  void reading;
  return kinds;
};

it('tells nothing before all is seen, then a listing, then what differs', async () => {
  const told = createToldPlatform();
  const kinds = await drain(told.join());
  told.setWorkload(web);
  told.setPod('default/web-1', pod);
  told.setConfig({ 'stable-window': '60s' });
  told.see();
  told.see();
  told.setWorkload({ ...web });
  told.setPod('default/web-1', { ...pod });
  told.setConfig({ 'stable-window': '60s' });
  told.setPod('default/web-1', { ...pod, ready: true });
  await new Promise((resolve) => setImmediate(resolve));
  expect(kinds).toEqual(['listing', 'config', 'workload', 'pod', 'listed', 'pod']);
  expect(await drain(told.join())).toEqual(['listing', 'config', 'workload', 'pod', 'listed']);
});

it('tells a loss once, nothing during it, and a listing after it', async () => {
  const told = createToldPlatform();
  told.see();
  const kinds = await drain(told.join());
  kinds.length = 0;
  told.lose('away');
  told.lose('still away');
  told.setWorkload(web);
  expect(await drain(told.join())).toEqual(['unseen']);
  told.see();
  await new Promise((resolve) => setImmediate(resolve));
  expect(kinds).toEqual(['unseen', 'listing', 'config', 'workload', 'listed']);
});

it('tells an opt-out before it tells that the workload is gone', async () => {
  const told = createToldPlatform();
  told.setWorkload(web);
  told.see();
  const seen: PlatformChange[] = [];
  const queue = told.join();
  const reading = (async () => {
    for await (const change of queue) seen.push(change);
  })();
  told.optOut('default/web', 'flyball.dev/enabled');
  told.removeWorkload('default/web');
  told.optOut('default/web', 'flyball.dev/enabled');
  await new Promise((resolve) => setImmediate(resolve));
  told.leave(queue);
  await reading;
  expect(seen.slice(-2)).toEqual([
    { kind: 'workload', workload: { ...web, annotations: { 'flyball.dev/enabled': 'false' } } },
    { kind: 'workload-gone', workload: 'default/web', uid: 'u1' },
  ]);
});
