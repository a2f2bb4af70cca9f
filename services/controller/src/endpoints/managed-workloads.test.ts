/** What is known of a workload before and after its Deployments were listed. */
import type { WorkloadKey } from '@flyball/contracts';
import type { CacheChange, ObjectCache } from '@flyball/platform/kubernetes';
import { expect, it } from 'vitest';
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

/** Deployments as a watch tells of them, one change after the other. */
const openDeployments = () => {
  const known = new Map<WorkloadKey, Deployment>();
  const listeners = new Set<(change: CacheChange<Deployment>) => void>();
  let synced = false;
  const tell = (change: CacheChange<Deployment>): void => {
    for (const listener of listeners) listener(change);
  };
  const cache: ObjectCache<Deployment> = {
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
    put: (object: Deployment): void => {
      const key: WorkloadKey = `shop/${object.metadata.name}`;
      const before = known.get(key);
      known.set(key, object);
      tell({ kind: 'kept', key, object, before });
    },
    remove: (key: WorkloadKey): void => {
      const before = known.get(key);
      known.delete(key);
      if (before !== undefined) tell({ kind: 'gone', key, before });
    },
    sync: (): void => {
      synced = true;
      tell({ kind: 'synced' });
    },
  };
};

const open = () => {
  const deployments = openDeployments();
  const managed = createManagedWorkloads({
    ...{ deployments: deployments.cache, namespaces: undefined },
    ...{ optIn: 'annotated' as const, ownNamespace: 'flyball-system' },
  });
  const told: WorkloadKey[] = [];
  managed.onChange((workload) => told.push(workload));
  return { deployments, managed, told };
};

it('knows of none that it is missing before all are listed, and tells then who asked', () => {
  const { deployments, managed, told } = open();
  deployments.put(deploymentOf('web', 'true'));
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
  deployments.put(deploymentOf('web', 'false'));
  expect([managed.presence('shop/web'), managed.has('shop/web')]).toEqual(['there', false]);
  deployments.remove('shop/web');
  expect([managed.presence('shop/web'), managed.has('shop/web')]).toEqual(['missing', true]);
  expect(told).toEqual(['shop/web', 'shop/web']);
});
