/** What is to be written so that a Service's EndpointSlices become what they are to be. */
import type { V1EndpointSlice } from '@kubernetes/client-node';
import { canonicalJson } from '../canonical-json.ts';

export type SliceWrite =
  | { readonly kind: 'create' | 'replace'; readonly slice: V1EndpointSlice }
  | { readonly kind: 'delete'; readonly slice: V1EndpointSlice };

const addressFirst = (slice: V1EndpointSlice) =>
  (slice.endpoints ?? []).toSorted((one, other) =>
    (one.addresses[0] ?? '') < (other.addresses[0] ?? '') ? -1 : 1,
  );

const hasAll = (
  given: Readonly<Record<string, string>> = {},
  wanted: Readonly<Record<string, string>> = {},
): boolean => Object.entries(wanted).every(([key, value]) => given[key] === value);

/** Labels and annotations beside ours may stay; endpoints, ports and owner are wholly ours. */
const isAsWanted = (existing: V1EndpointSlice, wanted: V1EndpointSlice): boolean => {
  return (
    hasAll(existing.metadata?.labels, wanted.metadata?.labels) &&
    hasAll(existing.metadata?.annotations, wanted.metadata?.annotations) &&
    canonicalJson(existing.metadata?.ownerReferences) ===
      canonicalJson(wanted.metadata?.ownerReferences) &&
    canonicalJson(addressFirst(existing)) === canonicalJson(addressFirst(wanted)) &&
    canonicalJson(existing.ports ?? []) === canonicalJson(wanted.ports ?? [])
  );
};

/** The existing object's identity and version, with everything of ours as wanted. */
const replacing = (existing: V1EndpointSlice, wanted: V1EndpointSlice): V1EndpointSlice => {
  const { name, namespace, uid, resourceVersion, labels } = existing.metadata ?? {};
  const annotations = { ...existing.metadata?.annotations, ...wanted.metadata?.annotations };
  return {
    ...wanted,
    metadata: {
      ...wanted.metadata,
      ...{ name: name ?? '', namespace: namespace ?? '' },
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      labels: { ...labels, ...wanted.metadata?.labels },
    },
  };
};

/** Creations first and deletions last, so that at no time there is less than before or after. */
export const sliceWrites = (
  existing: readonly V1EndpointSlice[],
  wanted: readonly V1EndpointSlice[],
): readonly SliceWrite[] => {
  const before = new Map(existing.map((slice) => [slice.metadata?.name, slice]));
  const creations: SliceWrite[] = [];
  const replacements: SliceWrite[] = [];
  for (const slice of wanted) {
    const known = before.get(slice.metadata?.name);
    before.delete(slice.metadata?.name);
    if (known === undefined) creations.push({ kind: 'create', slice });
    else if (!isAsWanted(known, slice)) {
      replacements.push({ kind: 'replace', slice: replacing(known, slice) });
    }
  }
  const deletions = [...before.values()].map((slice) => ({ kind: 'delete' as const, slice }));
  return [...creations, ...replacements, ...deletions];
};
