/** What the activators told of workloads whose load others measure too: counted once, not twice. */
import type { SamplesReportedData, WorkloadKey } from '@flyball/contracts';

/** An activator that told nothing for so long has left, or is not in the path. */
export const heardWithinMs = 3_000;

export interface Load {
  readonly concurrencyMilli: number;
  readonly requestsMilli: number;
  readonly inFlight: number;
}

interface ToldSecond {
  readonly secondAtMs: number;
  readonly loads: ReadonlyMap<WorkloadKey, Load>;
}

/** The last whole seconds of each activator, newest last. */
export type ActivatorLoads = Map<string, readonly ToldSecond[]>;

const secondsKept = 4;

/** Folds a batch; the collector's own and those of a moment are passed by. */
export const foldActivatorBatch = (
  loads: ActivatorLoads,
  { source, secondAtMs, partial, rows }: SamplesReportedData,
): void => {
  if (partial || !source.startsWith('activator-')) return;
  const told = new Map<WorkloadKey, Load>();
  rows.workloads.forEach((workload, row) => {
    told.set(workload, {
      concurrencyMilli: rows.concurrencyMilli[row] ?? 0,
      requestsMilli: rows.requestsMilli[row] ?? 0,
      inFlight: rows.inFlight[row] ?? 0,
    });
  });
  const others = (loads.get(source) ?? []).filter((one) => one.secondAtMs !== secondAtMs);
  const seconds = [...others, { secondAtMs, loads: told }];
  seconds.sort((one, other) => one.secondAtMs - other.secondAtMs);
  loads.set(source, seconds.slice(-secondsKept));
};

/** Forgets activators that are not heard any more. */
export const forgetSilent = (loads: ActivatorLoads, secondAtMs: number): void => {
  for (const [source, seconds] of loads) {
    const newest = seconds.at(-1)?.secondAtMs ?? 0;
    if (newest < secondAtMs - heardWithinMs) loads.delete(source);
  }
};

/**
 * What all activators had of a workload in a second; of one that has not told it yet, what it had
 * in the last second that it told.
 */
export const activatorLoadOf = (
  loads: ActivatorLoads,
  workload: WorkloadKey,
  secondAtMs: number,
): Load => {
  let [concurrencyMilli, requestsMilli, inFlight] = [0, 0, 0];
  for (const seconds of loads.values()) {
    const told = seconds.findLast((one) => one.secondAtMs <= secondAtMs);
    if (told === undefined || told.secondAtMs < secondAtMs - heardWithinMs) continue;
    const load = told.loads.get(workload);
    concurrencyMilli += load?.concurrencyMilli ?? 0;
    requestsMilli += load?.requestsMilli ?? 0;
    inFlight += load?.inFlight ?? 0;
  }
  return { concurrencyMilli, requestsMilli, inFlight };
};
