/** Every workload's upstream, kept equal to the routes of the log. */
import type { WorkloadKey } from '@flyball/contracts';
import type { Routes } from '@flyball/domain';
import {
  createUpstream,
  leave,
  reconcile,
  type Upstream,
  type UpstreamShared,
} from './upstream.ts';

export interface Upstreams {
  /** Undefined for a workload that does not exist (any more). */
  get(workload: WorkloadKey): Upstream | undefined;
  all(): Iterable<Upstream>;
  /** Makes one workload's upstream what the routes say; one that is gone sheds what it holds. */
  follow(routes: Routes, workload: WorkloadKey): void;
  followAll(routes: Routes): void;
  /**
   * The log gave up `lost` of its held requests although this activator lives: they are told once
   * more as held, so that what becomes of them balances.
   */
  holdAgain(workload: WorkloadKey, lost: number): void;
  /** Those whose ledgers may have more to tell, gone ones included. */
  unsettled(): Iterable<Upstream>;
}

const isToldToItsEnd = ({ counted, holding: { ledger } }: Upstream): boolean =>
  counted.held === ledger.held && counted.waiting === 0 && ledger.waiting === 0;

/**
 * An upstream outlives its workload until its last request has ended and been told of: when the
 * workload comes back meanwhile, its counts go on where they were.
 */
export const createUpstreams = (given: Omit<UpstreamShared, 'onStirred'>): Upstreams => {
  const byWorkload = new Map<WorkloadKey, Upstream>();
  const stirred = new Set<Upstream>();
  const leaving = new Set<Upstream>();
  const shared: UpstreamShared = { ...given, onStirred: (upstream) => void stirred.add(upstream) };

  const follow = (routes: Routes, workload: WorkloadKey): void => {
    const route = routes.workloads[workload];
    const known = byWorkload.get(workload);
    if (route === undefined) {
      if (known === undefined || known.gone) return;
      leave(known);
      leaving.add(known);
      return;
    }
    const upstream = known ?? createUpstream(workload, shared);
    byWorkload.set(workload, upstream);
    upstream.gone = false;
    leaving.delete(upstream);
    reconcile(upstream, route, shared);
  };

  const forgetSettled = (): void => {
    for (const upstream of stirred) if (isToldToItsEnd(upstream)) stirred.delete(upstream);
    for (const upstream of leaving) {
      if (upstream.meter.inFlight > 0 || stirred.has(upstream)) continue;
      leaving.delete(upstream);
      byWorkload.delete(upstream.workload);
    }
  };

  return {
    get: (workload) => {
      const upstream = byWorkload.get(workload);
      return upstream === undefined || upstream.gone ? undefined : upstream;
    },
    all: function* () {
      for (const upstream of byWorkload.values()) if (!upstream.gone) yield upstream;
    },
    follow,
    followAll: (routes) => {
      const wanted = Object.keys(routes.workloads) as WorkloadKey[];
      for (const workload of new Set([...byWorkload.keys(), ...wanted])) follow(routes, workload);
    },
    holdAgain: (workload, lost) => {
      const upstream = byWorkload.get(workload);
      if (upstream === undefined) return;
      upstream.counted = { ...upstream.counted, held: upstream.counted.held - lost };
      stirred.add(upstream);
    },
    unsettled: () => {
      forgetSettled();
      return [...stirred];
    },
  };
};
