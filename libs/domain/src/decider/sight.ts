/** Which seconds of a workload's window nobody measured, as far as its ticks tell. */
import { tickEveryMs } from '../windower/input.ts';
import { initialSight, type Stretch, type WorkloadState } from './workload-state.ts';

/** A tick of the partition and the one before it; 0 where there is none. */
export interface TickTimes {
  readonly atMs: number;
  readonly beforeMs: number;
}

const secondMs = 1_000;

/** Ticks that are further apart than one and a half: one was not said, and nobody may have seen. */
const ticksApartMaxMs = 1.5 * tickEveryMs;

export const wholeSecond = (atMs: number): number => Math.floor(atMs / secondMs) * secondMs;

const hasPods = ({ readyPods, startingPods }: WorkloadState): boolean =>
  readyPods + startingPods > 0;

/** Without pods there is nothing to be seen. */
export const notePods = (workload: WorkloadState): void => {
  if (!hasPods(workload)) workload.sight = initialSight;
};

/** A row has told averages, or that there are none: the window starts over then. */
export const noteAverages = (workload: WorkloadState, atMs: number): void => {
  const { sight, stableAverage } = workload;
  const isAveraged = stableAverage !== null && hasPods(workload);
  if (isAveraged === (sight.averagedSinceMs !== null)) return;
  workload.sight = isAveraged ? { averagedSinceMs: atMs, unseen: [] } : initialSight;
};

/** With those that it meets or touches it becomes one. */
const withStretch = (unseen: readonly Stretch[], [fromMs, untilMs]: Stretch): Stretch[] => {
  const apart = unseen.filter(([, until]) => until < fromMs);
  const met = unseen.slice(apart.length);
  const froms = met.map(([from]) => from);
  const untils = met.map(([, until]) => until);
  return [...apart, [Math.min(fromMs, ...froms), Math.max(untilMs, ...untils)]];
};

/**
 * What a tick says of the time since the one before. It is unseen where the workload is blind
 * (after the newest second that was covered), where the tick before is too long ago, and after
 * blindness until the second that is measured now: rather a second too many than one too few.
 */
const stretchAt = (workload: WorkloadState, { atMs, beforeMs }: TickTimes): Stretch | undefined => {
  const { sight, seen, coveredAtMs } = workload;
  const isBlind = seen === 'blind';
  const beforeSecondMs = wholeSecond(beforeMs);
  const wasUnseen = sight.unseen.at(-1)?.[1] === beforeSecondMs;
  if (!isBlind && !wasUnseen && atMs - beforeMs <= ticksApartMaxMs) return undefined;
  const coveredUntilMs = isBlind && coveredAtMs !== null ? coveredAtMs + secondMs : beforeSecondMs;
  const fromMs = Math.min(beforeSecondMs, coveredUntilMs);
  const untilMs = wholeSecond(atMs) - (isBlind ? 0 : secondMs);
  return fromMs < untilMs ? [fromMs, untilMs] : undefined;
};

/** Takes in a tick, with a row or without; what is unseen is evaluated until it has passed. */
export const noteTick = (workload: WorkloadState, tick: TickTimes): void => {
  const { sight, policy } = workload;
  const { averagedSinceMs, unseen } = sight;
  if (averagedSinceMs === null || policy === null || tick.beforeMs < averagedSinceMs) return;
  const stretch = stretchAt(workload, tick);
  if (stretch === undefined && unseen.length === 0) return;
  const keptFromMs = wholeSecond(tick.atMs) - policy.stableWindowMs;
  const known = stretch === undefined ? unseen : withStretch(unseen, stretch);
  workload.sight = { ...sight, unseen: known.filter(([, untilMs]) => untilMs > keptFromMs) };
  workload.pending = true;
};
