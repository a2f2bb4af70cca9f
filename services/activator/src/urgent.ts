/** Gathers workloads that must be told at once: one batch per turn of the loop, none too often. */
import { urgentEveryMs } from './sampler.ts';
import type { Upstream } from './upstream.ts';

export interface UrgentOptions {
  readonly nowMs: () => number;
  readonly tellNow: (upstreams: Iterable<Upstream>) => void;
  /** Runs the task after the requests that have arrived in this turn of the loop. */
  readonly soon: (task: () => void) => void;
  readonly after: (delayMs: number, task: () => void) => void;
}

interface Told {
  readonly atMs: number;
  readonly inFlight: number;
}

/** Returns the function to call at each request that may be urgent; it costs a map look-up. */
export const createUrgent = (options: UrgentOptions): ((upstream: Upstream) => void) => {
  const due = new Set<Upstream>();
  const told = new WeakMap<Upstream, Told>();
  const later = new WeakSet<Upstream>();
  let gathering = false;

  const tell = (): void => {
    gathering = false;
    const atMs = options.nowMs();
    for (const upstream of due) told.set(upstream, { atMs, inFlight: upstream.meter.inFlight });
    const now = [...due];
    due.clear();
    options.tellNow(now);
  };

  const gather = (upstream: Upstream): void => {
    due.add(upstream);
    if (gathering) return;
    gathering = true;
    options.soon(tell);
  };

  const again = (upstream: Upstream): void => {
    later.delete(upstream);
    const last = told.get(upstream);
    if (last === undefined || upstream.meter.inFlight > last.inFlight) gather(upstream);
  };

  return (upstream) => {
    if (due.has(upstream) || later.has(upstream)) return;
    const waitMs = (told.get(upstream)?.atMs ?? 0) + urgentEveryMs - options.nowMs();
    if (waitMs <= 0) {
      gather(upstream);
      return;
    }
    later.add(upstream);
    options.after(waitMs, () => again(upstream));
  };
};
