/** Groups that are kept equal to a cache, and who hears of them. */
import type { KubernetesObject } from '@kubernetes/client-node';
import { expect, it, vi } from 'vitest';
import { groupCache } from './group-cache.ts';
import { createObjectCache } from './object-cache.ts';
import { createHeard } from './testing/heard.ts';
import { openToldCluster } from './testing/told-cluster.ts';

const path = '/api/v1/things';

/** Belongs to the group that is its label; to none without one. */
const thing = (name: string, version: number, group?: string): KubernetesObject => ({
  metadata: {
    ...{ name, namespace: 'shop', uid: name, resourceVersion: String(version) },
    labels: group === undefined ? {} : { group },
  },
});

const begin = async (...listed: readonly KubernetesObject[]) => {
  const { access, ending, show } = openToldCluster({ [path]: listed });
  const cache = createObjectCache<KubernetesObject, KubernetesObject>({
    ...{ access, what: { path } },
    trim: (object, before) => (object.kind === 'Same' ? before : object),
  });
  void cache.follow(ending);
  await expect.poll(() => cache.isSynced()).toBe(true);
  const { words: heard, hears } = createHeard();
  const groupOf = ({ metadata }: KubernetesObject) => metadata?.labels?.group;
  const namesIn = (group: string) =>
    groups
      .of(group)
      .map(({ metadata }) => metadata?.name)
      .join();
  const groups = groupCache(cache, groupOf, (group) => {
    heard.push(`${group}: ${namesIn(group)}`);
  });
  return { cache, show, heard, groups, namesIn, hears };
};

it('holds what is there already, of which nobody hears', async () => {
  const { heard, groups, namesIn } = await begin(thing('a', 1, 'red'), thing('b', 1));
  expect([...groups.groups()]).toEqual(['red']);
  expect(namesIn('red')).toBe('a');
  expect(heard).toEqual([]);
});

it('tells of a group when something in it has changed', async () => {
  const { show, hears, groups } = await begin(thing('a', 1, 'red'));
  show(path, 'ADDED', thing('b', 2, 'red'));
  await hears('red: a,b');
  // In the place that it had.
  show(path, 'MODIFIED', thing('a', 3, 'red'));
  await hears('red: a,b');
  expect(groups.of('red')[0]?.metadata?.resourceVersion).toBe('3');
  show(path, 'DELETED', thing('a', 4, 'red'));
  await hears('red: b');
});

it('tells of what moves first where it was, then where it is', async () => {
  const { show, hears, groups } = await begin(thing('a', 1, 'red'));
  show(path, 'MODIFIED', thing('a', 2, 'blue'));
  await hears('red: ', 'blue: a');
  show(path, 'MODIFIED', thing('a', 3));
  await hears('blue: ');
  show(path, 'MODIFIED', thing('a', 4, 'red'));
  await hears('red: a');
  expect([...groups.groups()]).toEqual(['red']);
});

it('takes one that was made again for another', async () => {
  const { show, hears } = await begin(thing('a', 1, 'red'));
  const again = thing('a', 2, 'blue');
  show(path, 'ADDED', { metadata: { ...again.metadata, uid: 'another' } });
  await hears('red: ', 'blue: a');
});

it('does not hear of the very same object', async () => {
  const { cache, show, hears } = await begin(thing('a', 1, 'red'));
  const told = vi.fn();
  cache.onChange(told);
  // What is trimmed to what it was before.
  show(path, 'MODIFIED', { ...thing('a', 2, 'red'), kind: 'Same' });
  await expect.poll(() => told).toHaveBeenCalledOnce();
  show(path, 'ADDED', thing('b', 3, 'red'));
  await hears('red: a,b');
});

it('stays as it is once it is stopped', async () => {
  const { cache, show, heard, groups, namesIn } = await begin(thing('a', 1, 'red'));
  groups.stop();
  show(path, 'ADDED', thing('b', 2, 'red'));
  await expect.poll(() => cache.size()).toBe(2);
  expect(namesIn('red')).toBe('a');
  expect(heard).toEqual([]);
});
