/** A watch outlives the local-node: a loss is told once, then how things are now. */
import {
  createLocalPlatform,
  createLocalPlatformAdmin,
  type PlatformChange,
} from '@flyball/platform';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from './testing/pods-of-node.ts';
import {
  type RunningNode,
  startRunningNode,
  testManifest,
  testToken,
} from './testing/running-node.ts';

describe('a watch of a local-node that is killed and started again', () => {
  let node: RunningNode;
  afterEach(() => node.stop());

  it('is told the loss once, then a listing with the same objects and other pods', async () => {
    node = await startRunningNode();
    const access = { url: node.url, token: testToken };
    const admin = createLocalPlatformAdmin(access);
    const platform = createLocalPlatform(access);
    await admin.apply(testManifest('default/web', { replicas: 1 }));
    const changes: PlatformChange[] = [];
    const stop = new AbortController();
    const follow = async (): Promise<void> => {
      for await (const change of platform.watch(stop.signal)) changes.push(change);
    };
    const following = follow();
    const readyPod = () => {
      const last = changes.findLast((change) => change.kind === 'pod');
      return last?.pod.ready === true ? last.pod.pod : undefined;
    };
    const before = await eventually('a ready pod', readyPod);
    node.signal('SIGKILL');
    await node.exited;
    await eventually('the loss', () => changes.find((change) => change.kind === 'unseen'));
    node = await node.restart();
    const after = await eventually('another pod', () => {
      const pod = readyPod();
      return pod === before ? undefined : pod;
    });
    stop.abort();
    await following;
    const lossAt = changes.findIndex((change) => change.kind === 'unseen');
    const since = changes.slice(lossAt);
    expect(since.map((change) => change.kind).slice(0, 4)).toEqual([
      'unseen',
      'listing',
      'config',
      'workload',
    ]);
    expect(since.filter((change) => change.kind === 'unseen')).toHaveLength(1);
    expect(since.some((change) => change.kind === 'pod' && change.pod.pod === before)).toBe(false);
    expect(since[3]).toMatchObject({ workload: { replicas: 1 } });
    expect(after).not.toBe(before);
    await platform.close();
    await admin.close();
  });
});
