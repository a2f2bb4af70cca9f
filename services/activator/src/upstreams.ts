/** Every workload's upstream, kept equal to the routes of the log. */
import type { WorkloadKey } from '@flyball/contracts';
import type { Routes } from '@flyball/domain';
import {
  createUpstream,
  leave,
  reconcile,
  shareAnew,
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
  /** Other activators live now: the slots of all pods are divided anew. */
  shareAnew(): void;
  /**
   * The log gave up `lost` of its held requests although this activator lives: they are told once
   * more as held, so that what becomes of them balances.
   */
  holdAgain(workload: WorkloadKey, lost: number): void;
  /** Those whose ledgers may have more to tell, gone ones included. */
  unsettled(): Iterable<Upstream>;
  /** Resolves when there may be one that is not settled, or when the signal aborts. */
  untilUnsettled(signal: AbortSignal): Promise<void>;
}

const isToldToItsEnd = ({ counted, holding: { ledger } }: Upstream): boolean =>
  counted.held === ledger.held && counted.waiting === 0 && ledger.waiting === 0;

const forgetSettled = (
  stirred: Set<Upstream>,
  leaving: Set<Upstream>,
  forget: (workload: WorkloadKey) => void,
): void => {
  for (const upstream of stirred) if (isToldToItsEnd(upstream)) stirred.delete(upstream);
  for (const upstream of leaving) {
    if (upstream.meter.inFlight > 0 || stirred.has(upstream)) continue;
    leaving.delete(upstream);
    forget(upstream.workload);
  }
};

/** One may wait for it to be rung. */
const createBell = () => {
  let wake = (): void => undefined;
  return {
    ring: () => wake(),
    rung: (signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        wake = () => {
          signal.removeEventListener('abort', wake);
          wake = () => undefined;
          resolve();
        };
        signal.addEventListener('abort', wake, { once: true });
      }),
  };
};

/**
 * An upstream outlives its workload until its last request has ended and been told of: when the
 * workload comes back meanwhile, its counts go on where they were.
 */
export const createUpstreams = (given: Omit<UpstreamShared, 'onStirred'>): Upstreams => {
  const byWorkload = new Map<WorkloadKey, Upstream>();
  const stirred = new Set<Upstream>();
  const leaving = new Set<Upstream>();
  const bell = createBell();
  const stir = (upstream: Upstream): void => {
    stirred.add(upstream);
    bell.ring();
  };
  const shared: UpstreamShared = { ...given, onStirred: stir };

  const follow = (routes: Routes, workload: WorkloadKey): void => {
    const route = routes.workloads[workload];
    const known = byWorkload.get(workload);
    if (route === undefined) {
      if (known === undefined || known.gone) return;
      leave(known);
      leaving.add(known);
      bell.ring();
      return;
    }
    const upstream = known ?? createUpstream(workload, shared);
    byWorkload.set(workload, upstream);
    upstream.gone = false;
    leaving.delete(upstream);
    reconcile(upstream, route, shared);
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
    shareAnew: () => {
      for (const upstream of byWorkload.values()) shareAnew(upstream, shared);
    },
    holdAgain: (workload, lost) => {
      const upstream = byWorkload.get(workload);
      if (upstream === undefined) return;
      upstream.counted = { ...upstream.counted, held: upstream.counted.held - lost };
      stir(upstream);
    },
    unsettled: () => {
      forgetSettled(stirred, leaving, (workload) => byWorkload.delete(workload));
      return [...stirred];
    },
    untilUnsettled: async (signal) => {
      if (stirred.size === 0 && leaving.size === 0) await bell.rung(signal);
    },
  };
};
