/** What is known of a Deployment while its watch is behind what was written and read. */
import type { V1Deployment } from '@kubernetes/client-node';
import { expect, it } from 'vitest';
import { type KeptDeployment, keptDeployment } from './deployment-object.ts';
import { createNewestDeployments } from './newest-deployments.ts';
import { createObjectCache } from './object-cache.ts';
import { openToldCluster } from './testing/told-cluster.ts';

const web = (version: number, replicas = 1): V1Deployment =>
  ({
    metadata: { ...{ namespace: 'shop', name: 'web', uid: 'd1' }, resourceVersion: `${version}` },
    spec: { replicas },
  }) as V1Deployment;

const keptWeb = (version: number, replicas = 1): KeptDeployment => {
  const kept = keptDeployment(web(version, replicas));
  if (kept === undefined) throw new Error('it was left out');
  return kept;
};

const collection = '/apis/apps/v1/deployments';
const own = '/apis/apps/v1/namespaces/shop/deployments/web';

/** One Deployment, whose watch shows what the test says. */
const begin = async () => {
  const cluster = openToldCluster({ [collection]: [web(10)] });
  const { access, stored } = cluster;
  const what = { path: collection };
  const shown = createObjectCache({ access, what, trim: keptDeployment });
  const waits: string[] = [];
  const deployments = createNewestDeployments({
    ...{ access, shown },
    whenSeenOnce: async () => void waits.push('for the first sight'),
  });
  void shown.follow(cluster.ending);
  await expect.poll(() => shown.isSynced()).toBe(true);
  const show = (type: 'MODIFIED' | 'DELETED', object: V1Deployment): void =>
    cluster.show(collection, type, object);
  const versionOf = () => deployments.newest('shop/web')?.resourceVersion;
  return { deployments, stored, show, versionOf, waits, shown };
};

it('knows what was written until the watch shows something as new', async () => {
  const { deployments, show, versionOf, shown } = await begin();
  expect(versionOf()).toBe('10');
  deployments.note(keptWeb(20, 5));
  expect(versionOf()).toBe('20');
  show('MODIFIED', web(15));
  await expect.poll(() => shown.at('shop/web')?.resourceVersion).toBe('15');
  expect(deployments.newest('shop/web')).toMatchObject({ resourceVersion: '20', replicas: 5 });
  show('MODIFIED', web(20, 5));
  await expect.poll(() => shown.at('shop/web')?.resourceVersion).toBe('20');
  expect(deployments.newest('shop/web')).toBe(shown.at('shop/web'));
  show('MODIFIED', web(21, 6));
  await expect.poll(() => versionOf()).toBe('21');
});

it('passes by a write that is older than what it knows', async () => {
  const { deployments, versionOf } = await begin();
  deployments.note(keptWeb(9));
  expect(versionOf()).toBe('10');
  deployments.note(keptWeb(20));
  deployments.note(keptWeb(19));
  expect(versionOf()).toBe('20');
});

it('forgets what was written when it is gone from the watch', async () => {
  const { deployments, show, versionOf } = await begin();
  deployments.note(keptWeb(20));
  show('DELETED', web(21));
  await expect.poll(() => versionOf()).toBeUndefined();
});

/** In the foreground: it stays until its pods are gone, and is no workload any more. */
const leaving = (version: number): V1Deployment => {
  const { metadata, spec } = web(version);
  return { metadata: { ...metadata, deletionTimestamp: new Date(0) }, spec } as V1Deployment;
};

it('takes in no write that was under way to one that is gone meanwhile', async () => {
  const { deployments, show, versionOf } = await begin();
  show('MODIFIED', leaving(20));
  await expect.poll(() => versionOf()).toBeUndefined();
  deployments.note(keptWeb(19, 5));
  expect(versionOf()).toBeUndefined();
});

it('takes in no read of one that goes while it is read', async () => {
  const { deployments, stored, show, versionOf, shown } = await begin();
  stored.set(own, web(19));
  const reading = deployments.read('shop/web');
  show('MODIFIED', leaving(20));
  await expect.poll(() => shown.at('shop/web')).toBeUndefined();
  expect(await reading).toMatchObject({ resourceVersion: '19' });
  expect(versionOf()).toBeUndefined();
});

it('forgets what was written when a read does not find it', async () => {
  const { deployments, versionOf, waits } = await begin();
  deployments.note(keptWeb(20));
  expect(await deployments.read('shop/web')).toBeUndefined();
  expect(versionOf()).toBe('10');
  expect(waits).toHaveLength(1);
});

it('waits after a read for the watch, which saw every write in between', async () => {
  const { deployments, stored, show, waits } = await begin();
  stored.set(own, web(30, 1));
  const reading = deployments.read('shop/web');
  // Written, and written back: whoever only reads cannot know.
  show('MODIFIED', web(20, 7));
  show('MODIFIED', web(30, 1));
  expect(await reading).toMatchObject({ resourceVersion: '30', replicasSince: '30' });
  expect(waits).toHaveLength(1);
});

it('does without a watch that shows nothing of what was read', async () => {
  const { deployments, stored, versionOf } = await begin();
  stored.set(own, web(30, 7));
  expect(await deployments.read('shop/web')).toMatchObject({ replicas: 7, replicasSince: '30' });
  expect(versionOf()).toBe('30');
});

it('resolves when another version is shown, or when the time for it is over', async () => {
  const { deployments, show, versionOf } = await begin();
  const shows = deployments.whenNewer('shop/web', '10', 600_000);
  show('MODIFIED', web(11));
  await shows;
  expect(versionOf()).toBe('11');
  await deployments.whenNewer('shop/web', '11', 1);
  expect(versionOf()).toBe('11');
});
