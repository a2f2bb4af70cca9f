/** All objects of one kind, in pages; a kind that the cluster does not have has none. */
import { isGone } from '@flyball/platform';
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import { collectionPath, type Resource } from './resources.ts';

const pageObjects = 500;
/** A listing of more pages than this is not read to its end: 500,000 objects. */
const pagesMax = 1_000;

interface Page {
  readonly items?: readonly Record<string, unknown>[];
  readonly metadata?: { readonly continue?: string };
}

/** Rejects with OutsideError; an empty namespace is all of them. */
export const listResource = async (
  cluster: Pick<ClusterAccess, 'request'>,
  kind: Resource,
  namespace: string,
): Promise<Record<string, unknown>[]> => {
  const objects: Record<string, unknown>[] = [];
  let next = '';
  try {
    for (let page = 0; page < pagesMax; page += 1) {
      const query = new URLSearchParams({ limit: String(pageObjects) });
      if (next !== '') query.set('continue', next);
      const path = `${collectionPath(kind, namespace)}?${query}`;
      const { items = [], metadata } = await cluster.request<Page>({ path });
      // A listing names the kind once; here each object says it for itself.
      const { apiVersion } = kind;
      objects.push(...items.map((item) => ({ apiVersion, kind: kind.kind, ...item })));
      next = metadata?.continue ?? '';
      if (next === '') break;
    }
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
  return objects;
};
