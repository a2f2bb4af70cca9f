/** What a collection holds now, trimmed to what is needed, in all namespaces that are followed. */
import type { KubernetesObject } from '@kubernetes/client-node';
import type { ClusterAccess } from './cluster-access.ts';
import { type FollowLimits, followObjects, type ObjectChange } from './follow-objects.ts';
import type { FollowedCollection } from './list-objects.ts';

/** `<namespace>/<name>`; of an object without a namespace `/<name>`. */
export type ObjectKey = `${string}/${string}`;

export type CacheChange<Kept> =
  /** New or changed; `before` is undefined for a new one. */
  | {
      readonly kind: 'kept';
      readonly key: ObjectKey;
      readonly object: Kept;
      readonly before: Kept | undefined;
    }
  | { readonly kind: 'gone'; readonly key: ObjectKey; readonly before: Kept }
  /** Everything that is there has been told: after the first listing, and after each loss. */
  | { readonly kind: 'synced' }
  | { readonly kind: 'unseen'; readonly reason: string };

export interface ObjectCache<Kept> {
  get(namespace: string, name: string): Kept | undefined;
  at(key: ObjectKey): Kept | undefined;
  values(): Iterable<Kept>;
  entries(): Iterable<readonly [ObjectKey, Kept]>;
  size(): number;
  /** True while everything that is there is known. */
  isSynced(): boolean;
  /** Tells every change from now on; answers how to stop it. */
  onChange(listener: (change: CacheChange<Kept>) => void): () => void;
  /** Follows the collection until the signal aborts; rejects for a bug only. Call it once. */
  follow(signal: AbortSignal): Promise<void>;
}

export interface ObjectCacheOptions<Kind extends KubernetesObject, Kept> extends FollowLimits {
  readonly access: ClusterAccess;
  readonly what: FollowedCollection & {
    /** True for kinds without a namespace, which are followed as a whole. */
    readonly clusterScoped?: boolean;
  };
  /**
   * What is kept of an object, beside what was kept of the same one before; undefined: it is left
   * out. Objects are large: keep little. `isNext`: nothing was written to it in between.
   */
  readonly trim: (object: Kind, before: Kept | undefined, isNext: boolean) => Kept | undefined;
}

interface Entry<Kept> {
  readonly uid: string;
  readonly kept: Kept;
}

/** The collections that make up what is asked for: one per namespace, or one for all. */
const collectionsOf = (
  { namespaces }: ClusterAccess,
  what: ObjectCacheOptions<KubernetesObject, unknown>['what'],
): readonly FollowedCollection[] => {
  const isWhole = namespaces.length === 0 || what.clusterScoped === true;
  if (isWhole || what.path.includes('/namespaces/')) return [what];
  const slash = what.path.lastIndexOf('/');
  const [group, kind] = [what.path.slice(0, slash), what.path.slice(slash + 1)];
  return namespaces.map((one) => ({ ...what, path: `${group}/namespaces/${one}/${kind}` }));
};

const keyOf = ({ metadata }: KubernetesObject): ObjectKey =>
  `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;

/** The objects of a cache and who is told of them. */
const createStore = <Kind extends KubernetesObject, Kept>(
  trim: ObjectCacheOptions<Kind, Kept>['trim'],
) => {
  const entries = new Map<ObjectKey, Entry<Kept>>();
  const listeners = new Set<(change: CacheChange<Kept>) => void>();
  const tell = (change: CacheChange<Kept>): void => {
    for (const listener of listeners) listener(change);
  };
  const remove = (key: ObjectKey): void => {
    const before = entries.get(key)?.kept;
    if (before === undefined) return;
    entries.delete(key);
    tell({ kind: 'gone', key, before });
  };
  const put = (key: ObjectKey, object: Kind, isNext: boolean): void => {
    const uid = object.metadata?.uid ?? '';
    // Deleted and made again between two listings: it is another one.
    if (entries.get(key)?.uid !== uid) remove(key);
    const before = entries.get(key)?.kept;
    const kept = trim(object, before, isNext);
    if (kept === undefined) {
      remove(key);
      return;
    }
    entries.set(key, { uid, kept });
    tell({ kind: 'kept', key, object: kept, before });
  };
  return { entries, listeners, tell, remove, put };
};

/** Folds one collection's changes; `onWhole` is told when all of it is known, and when not. */
const createFold = <Kind extends KubernetesObject>(
  put: (key: ObjectKey, object: Kind, isNext: boolean) => void,
  remove: (key: ObjectKey) => void,
  onWhole: (unseen: string | undefined) => void,
): ((change: ObjectChange<Kind>) => void) => {
  const mine = new Set<ObjectKey>();
  let listed: Set<ObjectKey> | undefined;
  const drop = (key: ObjectKey): void => {
    mine.delete(key);
    remove(key);
  };
  return (change) => {
    if (change.kind === 'listing') listed = new Set();
    else if (change.kind === 'gone') drop(keyOf(change.object));
    else if (change.kind === 'unseen') onWhole(change.reason);
    else if (change.kind === 'object') {
      const key = keyOf(change.object);
      mine.add(key);
      listed?.add(key);
      // Every write is told by a watch; a listing may have missed some.
      put(key, change.object, listed === undefined);
    } else {
      for (const key of mine) if (listed?.has(key) === false) drop(key);
      listed = undefined;
      onWhole(undefined);
    }
  };
};

/** A cache that is empty until it follows. */
export const createObjectCache = <Kind extends KubernetesObject, Kept>(
  options: ObjectCacheOptions<Kind, Kept>,
): ObjectCache<Kept> => {
  const { access, what, trim, ...limits } = options;
  const { entries, listeners, tell, remove, put } = createStore(trim);
  const collections = collectionsOf(access, what);
  const whole = new Set<FollowedCollection>();
  const isSynced = (): boolean => whole.size === collections.length;
  const onWhole = (collection: FollowedCollection) => (unseen: string | undefined) => {
    const wasSynced = isSynced();
    if (unseen === undefined) whole.add(collection);
    else whole.delete(collection);
    if (!wasSynced && isSynced()) tell({ kind: 'synced' });
    // Told even before the first listing: whoever waits for it learns why it does not come.
    if (unseen !== undefined) tell({ kind: 'unseen', reason: unseen });
  };
  const followOne = async (collection: FollowedCollection, signal: AbortSignal): Promise<void> => {
    const fold = createFold<Kind>(put, remove, onWhole(collection));
    const changes = followObjects<Kind>(access, collection, signal, limits);
    for await (const change of changes) fold(change);
  };
  return {
    get: (namespace, name) => entries.get(`${namespace}/${name}`)?.kept,
    at: (key) => entries.get(key)?.kept,
    *values() {
      for (const { kept } of entries.values()) yield kept;
    },
    *entries() {
      for (const [key, { kept }] of entries) yield [key, kept] as const;
    },
    size: () => entries.size,
    isSynced,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    follow: async (signal) => {
      await Promise.all(collections.map((collection) => followOne(collection, signal)));
    },
  };
};
