/** What a cache keeps and tells, over several namespaces and over losses. */
import type { KubernetesObject } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ClusterAccess, connectCluster } from './cluster-access.ts';
import { createObjectCache, type ObjectCacheOptions } from './object-cache.ts';
import { startAnsweringServer } from './testing/answering-server.ts';
import { type CollectionServer, startCollectionServer } from './testing/collection-server.ts';

type Thing = KubernetesObject & { data: string };

let server: CollectionServer;
let access: ClusterAccess;
beforeEach(async () => {
  server = await startCollectionServer();
  access = connectCluster({ kubeconfig: server.kubeconfig, namespaces: [] });
});
afterEach(async () => {
  await access.close();
  await server[Symbol.asyncDispose]();
});

const quick = { retryMinMs: 2, retryMaxMs: 10 };
const whole: ObjectCacheOptions<Thing, string>['trim'] = ({ data }) => data;

const begin = (trim: ObjectCacheOptions<Thing, string>['trim'] = whole) => {
  const cache = createObjectCache({ ...quick, access, what: { path: '/api/v1/things' }, trim });
  const told: string[] = [];
  cache.onChange((change) => {
    if (change.kind === 'kept') told.push(`${change.before ?? 'new'} → ${change.object}`);
    else told.push(change.kind === 'gone' ? `gone ${change.before}` : change.kind);
  });
  const ending = new AbortController();
  const following = cache.follow(ending.signal);
  const end = () => {
    ending.abort();
    return following;
  };
  const until = (holds: () => void) => vi.waitFor(holds, { timeout: 10_000, interval: 2 });
  return { cache, told, end, until };
};

it('tells one that was deleted and made again between two listings as another', async () => {
  server.write('thing', 'first');
  const { told, end, until } = begin();
  await until(() => expect(told).toEqual(['new → first', 'synced']));
  server.muffle(true);
  server.remove('thing');
  server.write('thing', 'second');
  server.compact('answer');
  server.muffle(false);
  server.endWatches();
  await until(() => expect(told.slice(2)).toEqual(['gone first', 'new → second']));
  await end();
});

it('leaves out what is trimmed away, also what was kept before', async () => {
  server.write('thing', 'kept');
  server.write('other', 'out');
  const { cache, told, end, until } = begin(({ data }) => (data === 'out' ? undefined : data));
  await until(() => expect(cache.isSynced()).toBe(true));
  expect([cache.size(), cache.get('default', 'thing')]).toEqual([1, 'kept']);
  expect([cache.at('default/thing'), cache.at('default/other')]).toEqual(['kept', undefined]);
  server.write('thing', 'out');
  await until(() => expect(told.at(-1)).toBe('gone kept'));
  expect(cache.get('default', 'thing')).toBeUndefined();
  await end();
});

it('says whether nothing lies between an object and what was kept of it', async () => {
  server.write('thing', '1');
  const seen: boolean[] = [];
  const { until, end } = begin(({ data }, before, isNext) => {
    if (before !== undefined) seen.push(isNext);
    return data;
  });
  await until(() => expect(server.watches()).toBe(1));
  server.write('thing', '2');
  await until(() => expect(seen).toEqual([true]));
  server.muffle(true);
  server.write('thing', '3');
  server.compact('answer');
  server.muffle(false);
  server.endWatches();
  await until(() => expect(seen).toEqual([true, false]));
  await end();
});

it('tells a loss, and when all is known again', async () => {
  const { cache, told, until, end } = begin();
  await until(() => expect(told).toEqual(['synced']));
  await until(() => expect(server.watches()).toBe(1));
  server.fail('list', { status: 503 }, { status: 503 }, { status: 503 });
  server.resetWatches();
  await until(() => expect(told).toContain('unseen'));
  await until(() => expect(told.at(-1)).toBe('synced'));
  expect(cache.isSynced()).toBe(true);
  await end();
});

it('follows each namespace that is named, once, and kinds without one as a whole', async () => {
  const counting = await startAnsweringServer(({ path }) =>
    path.includes('watch=true')
      ? { silent: true }
      : { body: { metadata: { resourceVersion: '1' }, items: [] } },
  );
  const { kubeconfig } = counting;
  const some = connectCluster({ kubeconfig, namespaces: ['a', 'b', 'a'] });
  const ending = new AbortController();
  const follow = async (what: ObjectCacheOptions<Thing, string>['what']) => {
    const cache = createObjectCache({ ...quick, access: some, what, trim: whole });
    const following = cache.follow(ending.signal);
    await vi.waitFor(() => expect(cache.isSynced()).toBe(true), { timeout: 10_000 });
    return following;
  };
  const followings = [
    { path: '/apis/apps/v1/deployments' },
    { path: '/api/v1/namespaces', clusterScoped: true },
    { path: '/api/v1/namespaces/c/configmaps' },
  ].map(follow);
  await vi.waitFor(() => expect(counting.calls).toHaveLength(8), { timeout: 10_000 });
  const listed = counting.calls.filter(({ path }) => path.includes('limit='));
  expect(listed.map(({ path }) => path.replace(/\?.*/, '')).sort()).toEqual([
    '/api/v1/namespaces',
    '/api/v1/namespaces/c/configmaps',
    '/apis/apps/v1/namespaces/a/deployments',
    '/apis/apps/v1/namespaces/b/deployments',
  ]);
  ending.abort();
  await Promise.all(followings);
  await some.close();
  await counting[Symbol.asyncDispose]();
});
