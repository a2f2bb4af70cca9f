/** What is known of a workload before and after its Deployments were listed. */
import type { WorkloadKey } from '@flyball/contracts';
import type { CacheChange, ObjectCache, ObjectKey } from '@flyball/platform/kubernetes';
import { expect, it } from 'vitest';
import type { NamespaceSeen } from '../cluster-caches.ts';
import type { Deployment } from '../objects/cluster-object.ts';
import { createManagedWorkloads } from './managed-workloads.ts';

const deploymentOf = (name: string, enabled?: string): Deployment => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
  metadata: {
    ...{ name, namespace: 'shop' },
    annotations: enabled === undefined ? {} : { 'flyball.dev/enabled': enabled },
  },
  spec: { selector: {}, template: { spec: { containers: [] } } },
});

/** Objects as a watch tells of them, one change after the other. */
const openCache = <Kept>() => {
  const known = new Map<ObjectKey, Kept>();
  const listeners = new Set<(change: CacheChange<Kept>) => void>();
  let synced = false;
  const tell = (change: CacheChange<Kept>): void => {
    for (const listener of listeners) listener(change);
  };
  const cache: ObjectCache<Kept> = {
    get: (namespace, name) => known.get(`${namespace}/${name}`),
    at: (key) => known.get(key),
    values: () => known.values(),
    entries: () => known.entries(),
    size: () => known.size,
    isSynced: () => synced,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    follow: async () => undefined,
  };
  return {
    cache,
    put: (key: ObjectKey, object: Kept): void => {
      const before = known.get(key);
      known.set(key, object);
      tell({ kind: 'kept', key, object, before });
    },
    remove: (key: ObjectKey): void => {
      const before = known.get(key);
      known.delete(key);
      if (before !== undefined) tell({ kind: 'gone', key, before });
    },
    sync: (): void => {
      synced = true;
      tell({ kind: 'synced' });
    },
    lose: (): void => {
      synced = false;
      tell({ kind: 'unseen', reason: 'not now' });
    },
  };
};

const open = ({ hasNamespaces = false } = {}) => {
  const deployments = openCache<Deployment>();
  const namespaces = openCache<NamespaceSeen>();
  const managed = createManagedWorkloads({
    deployments: deployments.cache,
    namespaces: hasNamespaces ? namespaces.cache : undefined,
    ...{ optIn: 'annotated' as const, ownNamespace: 'flyball-system' },
  });
  const told: WorkloadKey[] = [];
  managed.onChange((workload) => told.push(workload));
  return { deployments, namespaces, managed, told };
};

it('knows of none that it is missing before all are listed, and tells then who asked', () => {
  const { deployments, managed, told } = open();
  deployments.put('shop/web', deploymentOf('web', 'true'));
  told.length = 0;
  expect([managed.presence('shop/web'), managed.presence('shop/wbe')]).toEqual([
    'there',
    'unknown',
  ]);
  deployments.sync();
  expect(told.sort()).toEqual(['shop/wbe', 'shop/web']);
  expect(managed.presence('shop/wbe')).toBe('missing');
});

it('tells of one that comes and goes, whoever’s it is', () => {
  const { deployments, managed, told } = open();
  deployments.sync();
  deployments.put('shop/web', deploymentOf('web', 'false'));
  expect([managed.presence('shop/web'), managed.has('shop/web')]).toEqual(['there', false]);
  deployments.remove('shop/web');
  expect([managed.presence('shop/web'), managed.has('shop/web')]).toEqual(['missing', true]);
  expect(told).toEqual(['shop/web', 'shop/web']);
});

it('does not know whose one is before Deployments and Namespaces are listed, and says so', () => {
  const { deployments, namespaces, managed, told } = open({ hasNamespaces: true });
  const both = () => [managed.has('shop/web'), managed.has('shop/wbe')];
  // Whoever is told asks again at once.
  managed.onChange((workload) => void managed.has(workload));
  // Given a Deployment that is opted out, of which the watch told before all were listed,
  deployments.put('shop/web', deploymentOf('web', 'false'));
  expect(both()).toEqual([undefined, undefined]);
  // When either kind is listed, then whoever asked is told,
  told.length = 0;
  deployments.sync();
  expect(new Set(told)).toEqual(new Set(['shop/web', 'shop/wbe']));
  told.length = 0;
  namespaces.sync();
  expect(new Set(told)).toEqual(new Set(['shop/web', 'shop/wbe']));
  // And once both are, it is known; of a Deployment that is not there it is nobody's to say no.
  expect(both()).toEqual([false, true]);
});

it('goes by what it saw last while a watch is lost', () => {
  const { deployments, namespaces, managed } = open({ hasNamespaces: true });
  deployments.put('shop/web', deploymentOf('web', 'false'));
  deployments.sync();
  // Also where each was listed, but never both at the same time.
  deployments.lose();
  namespaces.sync();
  expect(managed.has('shop/web')).toBe(false);
  namespaces.lose();
  expect([managed.has('shop/web'), managed.presence('shop/wbe')]).toEqual([false, 'unknown']);
});
