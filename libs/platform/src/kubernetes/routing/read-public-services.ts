/** The Services that name a workload, as the API server has them now. */
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import type { V1Service } from '@kubernetes/client-node';
import type { ClusterAccess } from '../cluster-access.ts';
import { listObjects } from '../list-objects.ts';
import { workloadOfService } from './public-service.ts';

const pageTimeoutMs = 5_000;

type ByWorkload = ReadonlyMap<WorkloadKey, readonly V1Service[]>;

interface Listing {
  readonly services: Promise<ByWorkload>;
  /** The one after it, for all who ask while it is under way. */
  next: Promise<ByWorkload> | undefined;
}

/** Of a namespace all, in pages: none can be asked for by what it names. */
const listPublicServices = async (
  access: ClusterAccess,
  namespace: string,
): Promise<ByWorkload> => {
  const what = { path: `/api/v1/namespaces/${namespace}/services` };
  // Whoever closes the connection ends it.
  const { signal } = new AbortController();
  const found = new Map<WorkloadKey, V1Service[]>();
  for await (const page of listObjects<V1Service>({ access, what, pageTimeoutMs, signal })) {
    if (page.isFirst) found.clear();
    for (const service of page.objects) {
      const workload = workloadOfService(service);
      if (workload === undefined) continue;
      const others = found.get(workload);
      if (others === undefined) found.set(workload, [service]);
      else others.push(service);
    }
  }
  return found;
};

/** Rejects with ClusterError. */
export type ReadPublicServices = (workload: WorkloadKey) => Promise<readonly V1Service[]>;

/**
 * Each call is answered by a listing that began after it; those that wait share one. Many workloads
 * of a namespace that are routed at once cost two listings, and not one each.
 */
export const createPublicServicesReader = (access: ClusterAccess): ReadPublicServices => {
  const listings = new Map<string, Listing>();
  const begin = (namespace: string): Promise<ByWorkload> => {
    const listing: Listing = { services: listPublicServices(access, namespace), next: undefined };
    listings.set(namespace, listing);
    const end = (): void => {
      if (listing.next === undefined) listings.delete(namespace);
    };
    listing.services.then(end, end);
    return listing.services;
  };
  const list = (namespace: string): Promise<ByWorkload> => {
    const listing = listings.get(namespace);
    if (listing === undefined) return begin(namespace);
    const beginNext = (): Promise<ByWorkload> => begin(namespace);
    listing.next ??= listing.services.then(beginNext, beginNext);
    return listing.next;
  };
  return async (workload) => (await list(workloadName(workload).namespace)).get(workload) ?? [];
};
