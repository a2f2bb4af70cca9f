/** Gathers workloads that must be told at once: one batch per turn of the loop, none too often. */
import type { Upstream } from './upstream.ts';

/** An urgent workload is told at most this often between its full seconds. */
export const urgentEveryMs = 200;

export interface UrgentOptions {
  /** Never goes back. */
  readonly monotonicMs: () => number;
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
    const atMs = options.monotonicMs();
    // Whoever left before this turn ended need not be told of.
    const now = [...due].filter((upstream) => upstream.meter.inFlight > 0);
    due.clear();
    for (const upstream of now) told.set(upstream, { atMs, inFlight: upstream.meter.inFlight });
    if (now.length > 0) options.tellNow(now);
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
    const last = told.get(upstream);
    const waitMs = last === undefined ? 0 : last.atMs + urgentEveryMs - options.monotonicMs();
    if (waitMs <= 0) {
      gather(upstream);
      return;
    }
    later.add(upstream);
    options.after(waitMs, () => again(upstream));
  };
};
