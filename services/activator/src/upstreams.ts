/** Every workload's upstream, kept equal to the routes of the log. */
import type { WorkloadKey } from '@flyball/contracts';
import type { Routes } from '@flyball/domain';
import { createUpstream, reconcile, type Upstream, type UpstreamShared } from './upstream.ts';

export interface Upstreams {
  get(workload: WorkloadKey): Upstream | undefined;
  all(): Iterable<Upstream>;
  /** Makes one workload's upstream what the routes say; one that is gone sheds what it holds. */
  follow(routes: Routes, workload: WorkloadKey): void;
  followAll(routes: Routes): void;
  /** All, and those that are gone but whose ledgers have not been told to their end. */
  countable(): Iterable<Upstream>;
}

const isToldToItsEnd = ({ counted, holding }: Upstream): boolean =>
  counted.held === holding.ledger.held && counted.waiting === 0;

export const createUpstreams = (shared: UpstreamShared): Upstreams => {
  const byWorkload = new Map<WorkloadKey, Upstream>();
  let closed: Upstream[] = [];

  const close = (upstream: Upstream): void => {
    byWorkload.delete(upstream.workload);
    upstream.holding.shedAll();
    upstream.pods.close();
    closed.push(upstream);
  };

  const follow = (routes: Routes, workload: WorkloadKey): void => {
    const route = routes.workloads[workload];
    const known = byWorkload.get(workload);
    if (route === undefined) {
      if (known !== undefined) close(known);
      return;
    }
    const upstream = known ?? createUpstream(workload, shared);
    byWorkload.set(workload, upstream);
    reconcile(upstream, route);
  };

  return {
    get: (workload) => byWorkload.get(workload),
    all: () => byWorkload.values(),
    follow,
    followAll: (routes) => {
      const wanted = Object.keys(routes.workloads) as WorkloadKey[];
      for (const workload of new Set([...byWorkload.keys(), ...wanted])) follow(routes, workload);
    },
    countable: function* () {
      closed = closed.filter((upstream) => !isToldToItsEnd(upstream));
      yield* byWorkload.values();
      yield* closed;
    },
  };
};
