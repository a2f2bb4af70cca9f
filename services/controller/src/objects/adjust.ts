/** What becomes of an object that is there when another one is wanted: all else stays as it is. */
import { canonicalJson } from '@flyball/platform/kubernetes';
import type { ClusterObject, OwnerReference, TextMap } from './cluster-object.ts';
import { holds } from './json-values.ts';

interface WithSpec extends ClusterObject {
  readonly spec?: object;
}

const mergedTexts = (current: TextMap | undefined, wanted: TextMap | undefined) =>
  current === undefined && wanted === undefined ? {} : { ...current, ...wanted };

const isSameOwner = (one: OwnerReference, other: OwnerReference): boolean => one.uid === other.uid;

const ownersAfter = (
  current: readonly OwnerReference[] = [],
  wanted: readonly OwnerReference[] = [],
): readonly OwnerReference[] => {
  const missing = wanted.filter((one) => !current.some((other) => isSameOwner(one, other)));
  return missing.length === 0 ? current : [...current, ...missing];
};

/** Fields that hold what is wanted stay, with all that the API server filled in. */
const specAfter = (current: object = {}, wanted: object = {}): object => {
  const now = current as Readonly<Record<string, unknown>>;
  const changed = Object.entries(wanted).filter(([key, value]) => !holds(now[key], value));
  return { ...current, ...Object.fromEntries(changed) };
};

/**
 * The current object with the labels, annotations, owners and fields of the wanted one. What the
 * wanted one does not name stays. `annotations: 'theirs'` leaves the annotations to the user.
 */
export const adjusted = <Kind extends WithSpec>(
  current: Kind,
  wanted: Kind,
  { annotations = 'ours' }: { readonly annotations?: 'ours' | 'theirs' } = {},
): Kind => {
  const { metadata } = current;
  const labels = mergedTexts(metadata.labels, wanted.metadata.labels);
  const texts = mergedTexts(
    metadata.annotations,
    annotations === 'ours' ? wanted.metadata.annotations : undefined,
  );
  const owners = ownersAfter(metadata.ownerReferences, wanted.metadata.ownerReferences);
  return {
    ...current,
    metadata: {
      ...metadata,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(texts).length === 0 ? {} : { annotations: texts }),
      ...(owners.length === 0 ? {} : { ownerReferences: owners }),
    },
    spec: specAfter(current.spec, wanted.spec),
  };
};

/** Is there anything to write? */
export const differs = (current: ClusterObject, wanted: ClusterObject): boolean =>
  canonicalJson(current) !== canonicalJson(wanted);
