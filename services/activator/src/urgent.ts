/** Gathers workloads that must be told at once: one batch per turn of the loop, none too often. */
import { reachablePods, type Upstream } from './upstream.ts';

/** An urgent workload is told at most this often between its full seconds. */
export const urgentEveryMs = 200;
/** What is told again is the average of so long before. */
const averagedMs = 100;

/** How much of a workload is in flight, in whole requests. */
export type Level = readonly [upstream: Upstream, inFlight: number];

export interface UrgentOptions {
  /** Never goes back. */
  readonly monotonicMs: () => number;
  /** The clock of the meters. */
  readonly nowMs: () => number;
  readonly tellNow: (levels: Iterable<Level>) => void;
  /** Runs the task after the requests that have arrived in this turn of the loop. */
  readonly soon: (task: () => void) => void;
  readonly after: (delayMs: number, task: () => void) => void;
}

interface Told {
  readonly atMs: number;
  readonly inFlight: number;
}

interface Due {
  readonly inFlight: number;
  /** Of a while, or what is in flight now if that is more. False: of the moment of a request. */
  readonly isAverage: boolean;
}

/** The meters' clock and the monotonic one tell the same time up to this, unless one was set. */
const clocksApartMsMax = 20;

/**
 * Tells how many were in flight, on an average of the time from this call to the next. When the
 * clock was set meanwhile, or the machine slept, it is how many are now: no average is of that.
 */
const averageFrom = ({ meter }: Upstream, { monotonicMs, nowMs }: UrgentOptions) => {
  const fromMs = monotonicMs();
  const before = meter.total(nowMs());
  return (): number => {
    const after = meter.total(nowMs());
    const countedMs = after.atMs - before.atMs;
    const apartMs = Math.abs(countedMs - (monotonicMs() - fromMs));
    if (countedMs <= 0 || apartMs > clocksApartMsMax) return meter.inFlight;
    return Math.round((after.inFlightMs - before.inFlightMs) / countedMs);
  };
};

/**
 * Nothing is to be said of a workload that is gone, nor where nobody is left: unless it is an
 * average and a pod can have answered them, so that who left just now will ask again.
 */
const saysNothing = (upstream: Upstream, { isAverage }: Due): boolean =>
  upstream.gone || (upstream.meter.inFlight === 0 && (!isAverage || reachablePods(upstream) === 0));

/** Returns the function to call at each request that may be urgent; a few map look-ups each. */
export const createUrgent = (options: UrgentOptions): ((upstream: Upstream) => void) => {
  const due = new Map<Upstream, Due>();
  const told = new WeakMap<Upstream, Told>();
  const later = new WeakSet<Upstream>();
  let gathering = false;

  const tell = (): void => {
    gathering = false;
    const atMs = options.monotonicMs();
    const levels: Level[] = [];
    for (const [upstream, seen] of due) {
      if (saysNothing(upstream, seen)) continue;
      const level = Math.max(seen.inFlight, upstream.meter.inFlight);
      told.set(upstream, { atMs, inFlight: level });
      levels.push([upstream, level]);
    }
    due.clear();
    if (levels.length > 0) options.tellNow(levels);
  };

  const gather = (upstream: Upstream, seen: Due): void => {
    const before = due.get(upstream);
    if (before === undefined || before.inFlight < seen.inFlight) due.set(upstream, seen);
    if (gathering) return;
    gathering = true;
    options.soon(tell);
  };

  /**
   * Not the number of that moment: when a pod has just answered many, their clients have not asked
   * again yet, and the load would be taken for half of what it is.
   */
  const again = (upstream: Upstream, average: () => number): void => {
    later.delete(upstream);
    const inFlight = Math.max(average(), upstream.meter.inFlight);
    const last = told.get(upstream);
    if (last === undefined || inFlight > last.inFlight) {
      gather(upstream, { inFlight, isAverage: true });
    }
  };

  const tellAgainIn = (upstream: Upstream, waitMs: number): void => {
    later.add(upstream);
    const beginAverage = (): void => {
      const average = averageFrom(upstream, options);
      options.after(Math.min(waitMs, averagedMs), () => again(upstream, average));
    };
    if (waitMs > averagedMs) options.after(waitMs - averagedMs, beginAverage);
    else beginAverage();
  };

  return (upstream) => {
    if (later.has(upstream)) return;
    const last = told.get(upstream);
    const waitMs = last === undefined ? 0 : last.atMs + urgentEveryMs - options.monotonicMs();
    if (waitMs > 0) tellAgainIn(upstream, waitMs);
    else gather(upstream, { inFlight: upstream.meter.inFlight, isAverage: false });
  };
};
