/** One collection of the API server, and its listing in pages. */
import type { KubernetesObject } from '@kubernetes/client-node';
import type { ClusterAccess } from './cluster-access.ts';
import { isExpired } from './cluster-error.ts';

/** Objects of one page of a listing. */
const pageObjectsMax = 500;
/** A listing that expired between its pages this often is taken in one piece. */
const expiredListingsMax = 3;

export interface FollowedCollection {
  /** `/apis/apps/v1/deployments`, or of one namespace `/apis/apps/v1/namespaces/a/deployments`. */
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** True: names, labels, annotations and owners only; spec and status are not sent at all. */
  readonly metadataOnly?: boolean;
}

/** How a collection's answers are to look: `PartialObjectMetadata` or the list of them. */
export const acceptOf = ({ metadataOnly }: FollowedCollection, partial: string): string =>
  metadataOnly === true
    ? `application/json;as=${partial};g=meta.k8s.io;v=v1,application/json`
    : 'application/json';

export const pathOf = (what: FollowedCollection, query: Record<string, string>): string => {
  const { path, labelSelector, fieldSelector } = what;
  const search = new URLSearchParams(query);
  if (labelSelector !== undefined) search.set('labelSelector', labelSelector);
  if (fieldSelector !== undefined) search.set('fieldSelector', fieldSelector);
  return `${path}?${search}`;
};

interface List<Kind> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly Kind[];
}

export interface Listing {
  readonly access: ClusterAccess;
  readonly what: FollowedCollection;
  /** A page that took longer has failed. */
  readonly pageTimeoutMs: number;
  readonly signal: AbortSignal;
}

const pageCall = ({ what, signal }: Listing, query: Record<string, string>) => ({
  path: pathOf(what, query),
  accept: acceptOf(what, 'PartialObjectMetadataList'),
  signal,
});

export interface Page<Kind> {
  readonly isFirst: boolean;
  readonly objects: readonly Kind[];
  /** Of the whole listing, told with its last page. */
  readonly resourceVersion: string | undefined;
}

async function* listPages<Kind>(
  listing: Listing,
  pageSize: number | undefined,
): AsyncGenerator<Page<Kind>, void, undefined> {
  let next = '';
  let isFirst = true;
  do {
    const query = {
      ...(pageSize === undefined ? {} : { limit: String(pageSize) }),
      ...(next === '' ? {} : { continue: next }),
    };
    const call = { ...pageCall(listing, query), timeoutMs: listing.pageTimeoutMs };
    const list: List<Kind> = await listing.access.request(call);
    next = list.metadata?.continue ?? '';
    const resourceVersion = next === '' ? list.metadata?.resourceVersion : undefined;
    yield { isFirst, objects: list.items ?? [], resourceVersion };
    isFirst = false;
  } while (next !== '');
}

/**
 * Every page of a listing. When its pages expire on the way it begins anew with a page that says
 * `isFirst`, at last in one piece. Rejects with ClusterError.
 */
export async function* listObjects<Kind extends KubernetesObject>(
  listing: Listing,
): AsyncGenerator<Page<Kind>, void, undefined> {
  for (let expired = 0; ; expired += 1) {
    try {
      yield* listPages<Kind>(listing, expired < expiredListingsMax ? pageObjectsMax : undefined);
      return;
    } catch (error) {
      if (!isExpired(error) || expired >= expiredListingsMax) throw error;
    }
  }
}

/** The version of the whole store as it is now, by the smallest listing. */
export const newestVersion = async (listing: Listing): Promise<string | undefined> => {
  const call = pageCall(listing, { limit: '1' });
  return (await listing.access.request<List<unknown>>(call)).metadata?.resourceVersion;
};
