/** Stories of the platform in memory that only it can tell: steps, faults, blindness, overflow. */
import { describe, expect, it } from 'vitest';
import { createMemoryPlatform, type MemoryPlatform } from './memory.ts';
import type { PlatformChange } from './platform.ts';
import type { WorkloadSpec } from './workload-object.ts';

const web: WorkloadSpec = {
  workload: 'default/web',
  annotations: {},
  containerConcurrency: 0,
  timeoutSeconds: 300,
  reachable: true,
  replicas: 0,
};

const scaleTo = (platform: MemoryPlatform, replicas: number) =>
  platform.writeReplicas('default/web', replicas, 'test');

/** Everything that is waiting for the watcher now. */
const readWaiting = async (changes: AsyncIterator<PlatformChange>, count: number) => {
  const read: PlatformChange[] = [];
  while (read.length < count) {
    const next = await changes.next();
    if (next.done === true) break;
    read.push(next.value);
  }
  return read;
};

describe('virtual pods', () => {
  it('are ready after their steps and gone after theirs', () => {
    const platform = createMemoryPlatform({ readyAfterSteps: () => 2, goneAfterSteps: () => 1 });
    platform.apply(web);
    scaleTo(platform, 2);
    platform.advance();
    expect(platform.pods().map((pod) => pod.ready)).toEqual([false, false]);
    platform.advance();
    expect(platform.pods().map((pod) => pod.ready)).toEqual([true, true]);
    scaleTo(platform, 1);
    expect(platform.pods().map((pod) => pod.unreadyReason)).toEqual([null, 'draining']);
    platform.advance();
    expect(platform.pods().map((pod) => pod.pod)).toEqual(['web-1']);
  });

  it('have their address before they are ready, and a metrics address with a queue-proxy', () => {
    const platform = createMemoryPlatform();
    platform.apply({ ...web, replicas: 1, annotations: { 'flyball.dev/queue-proxy': 'true' } });
    expect(platform.pods()).toMatchObject([
      { ready: false, address: '10.0.0.1:8080', metricsAddress: '10.0.0.1:9090' },
    ]);
  });

  it('drain the ones that are not ready first', () => {
    const platform = createMemoryPlatform();
    platform.apply({ ...web, replicas: 3 });
    platform.makeReady('web-2', 'web-3');
    scaleTo(platform, 2);
    expect(platform.pods().map((pod) => pod.pod)).toEqual(['web-2', 'web-3']);
    scaleTo(platform, 1);
    expect(platform.pods().map((pod) => pod.pod)).toEqual(['web-2']);
  });

  it('are replaced when they are lost', () => {
    const platform = createMemoryPlatform();
    platform.apply({ ...web, replicas: 1 });
    platform.lose('web-1');
    expect(platform.pods().map((pod) => pod.pod)).toEqual(['web-2']);
  });
});

describe('faults', () => {
  it('are met in the order in which they were planned', async () => {
    const platform = createMemoryPlatform();
    const { resourceVersion } = platform.apply(web);
    platform.fail('scale', 'timeout');
    platform.fail('scale', 'answer-lost');
    const scale = () => platform.scale({ workload: 'default/web', replicas: 1, resourceVersion });
    await expect(scale()).rejects.toMatchObject({ code: 'PLATFORM_UNREACHABLE', retriable: true });
    expect(platform.workloads()).toMatchObject([{ replicas: 0 }]);
    await expect(scale()).rejects.toMatchObject({ code: 'PLATFORM_UNREACHABLE' });
    expect(platform.workloads()).toMatchObject([{ replicas: 1 }]);
    await expect(scale()).rejects.toMatchObject({ code: 'PLATFORM_CONFLICT', retriable: false });
  });
});

describe('a watcher that is too slow', () => {
  it('gets one listing instead of what it missed', async () => {
    const platform = createMemoryPlatform({ waitingChangesMax: 5 });
    platform.apply(web);
    const changes = platform.watch(new AbortController().signal)[Symbol.asyncIterator]();
    await readWaiting(changes, 4);
    for (let replicas = 1; replicas <= 20; replicas += 1) {
      scaleTo(platform, replicas % 2);
    }
    const read = await readWaiting(changes, 4);
    expect(read.map((change) => change.kind)).toEqual(['listing', 'config', 'workload', 'listed']);
    expect(read[2]).toMatchObject({ workload: { replicas: 0 } });
  });
});
