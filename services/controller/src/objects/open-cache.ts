/** A cache of objects in the shapes of this package, without what the server writes for itself. */
import {
  type ClusterAccess,
  createObjectCache,
  type ObjectCache,
  type ObjectCacheOptions,
  withoutManagedFields,
} from '@flyball/platform/kubernetes';
import type { ClusterObject } from './cluster-object.ts';

export interface OpenedKind {
  readonly apiVersion: string;
  readonly kind: string;
}

type Followed = ObjectCacheOptions<object, unknown>['what'];

/** Objects of a listing do not say what they are; those of this cache do. */
export const openCache = <Kind extends ClusterObject, Kept = Kind>(
  access: ClusterAccess,
  what: Followed & { readonly of: OpenedKind },
  trim: (object: Kind) => Kept | undefined,
): ObjectCache<Kept> => {
  const { of, ...collection } = what;
  return createObjectCache({
    access,
    what: collection,
    trim: (followed) => {
      const object = withoutManagedFields(followed) as unknown as Kind;
      return trim({ ...object, ...of });
    },
  });
};
