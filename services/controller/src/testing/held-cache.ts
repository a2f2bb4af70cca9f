/** A cache that holds what a test puts into it, and tells of it: for stories of loops. */
import type { CacheChange, ObjectCache } from '@flyball/platform/kubernetes';
import { type ClusterObject, keyOf } from '../objects/cluster-object.ts';

export interface HeldCache<Kept> extends ObjectCache<Kept> {
  put(object: Kept): void;
  remove(object: Kept): void;
}

/** It is synced from the start. */
export const heldCache = <Kept extends ClusterObject>(
  ...objects: readonly Kept[]
): HeldCache<Kept> => {
  const held = new Map(objects.map((object) => [keyOf(object), object]));
  const listeners = new Set<(change: CacheChange<Kept>) => void>();
  const tell = (change: CacheChange<Kept>): void => {
    for (const listener of listeners) listener(change);
  };
  return {
    get: (namespace, name) => held.get(`${namespace}/${name}`),
    at: (key) => held.get(key),
    values: () => held.values(),
    entries: () => held.entries(),
    size: () => held.size,
    isSynced: () => true,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    follow: async () => undefined,
    put: (object) => {
      const key = keyOf(object);
      const before = held.get(key);
      held.set(key, object);
      tell({ kind: 'kept', key, object, before });
    },
    remove: (object) => {
      const key = keyOf(object);
      held.delete(key);
      tell({ kind: 'gone', key, before: object });
    },
  };
};
