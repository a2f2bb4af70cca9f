/** What can be said of a workload at one moment: its averages, and whether they are seen at all. */
import type { Seen } from '@flyball/contracts';
import { type Averages, averagesAt } from '../windows/averages.ts';
import { copyWindow, createWindow, isWindowEmpty, recordSample } from '../windows/window.ts';
import { blindAfterMs } from './input.ts';
import { isMeasured, secondsBetween, summedSecond, valueAt } from './source-seconds.ts';
import {
  defaultStableWindowMs,
  type SourceLoad,
  type WindowedWorkload,
  type WindowerState,
} from './state.ts';

/** The averages that a poke carries: with the seconds that no tick has reached yet. */
export const averagesWithPending = (
  state: WindowerState,
  workload: WindowedWorkload,
  nowSecond: number,
): Averages => {
  const { slot, policy, stable, panic } = workload;
  const pending = secondsBetween(state.seconds, state.committedSecond, nowSecond + 1);
  const withPending = [stable, panic].map((window) => {
    const copy = createWindow(window.algorithm, window.windowMs);
    copyWindow(window, copy);
    return copy;
  });
  for (const second of pending) {
    if (second < workload.countsFromSecond) continue;
    for (const ring of state.seconds.values()) {
      const value = valueAt(ring.get(second), slot, policy?.metric ?? 'concurrency');
      if (isMeasured(value)) for (const window of withPending) recordSample(window, second, value);
    }
  }
  const [stableCopy = stable, panicCopy = panic] = withPending;
  return averagesAt(stableCopy, panicCopy, nowSecond);
};

const heldWhenLastSeen = (workload: WindowedWorkload): boolean => {
  for (const { inFlight } of workload.loads.values()) if (inFlight > 0) return true;
  return false;
};

/** How long a source has said nothing of the workload while others covered it. */
const silentMs = ({ committedCoveredSecond }: WindowedWorkload, { secondAtMs }: SourceLoad) =>
  committedCoveredSecond * 1000 - secondAtMs;

/**
 * After a window nothing that a source saw counts, after two the gap that it left does not either.
 */
const isForgotten = (workload: WindowedWorkload, load: SourceLoad): boolean =>
  silentMs(workload, load) >= 2 * (workload.policy?.stableWindowMs ?? defaultStableWindowMs);

/** Sources come and go under other names: of those whose silence says nothing, none is kept. */
export const forgetSilentSources = (workload: WindowedWorkload): void => {
  for (const [source, load] of workload.loads) {
    if (isForgotten(workload, load)) workload.loads.delete(source);
  }
};

/**
 * Says a source nothing of the newest covered second whose last word was not that it had no load?
 * What the others measured is a part of the load then, until the source is forgotten.
 */
const isSeenInPart = (workload: WindowedWorkload): boolean => {
  for (const load of workload.loads.values()) {
    if (silentMs(workload, load) >= 1000 && !isForgotten(workload, load)) return true;
  }
  return false;
};

/** Blind by the word of a source, or by its silence. */
export const isBlindIn = (
  state: WindowerState,
  workload: WindowedWorkload,
  second: number,
): boolean => summedSecond(state.seconds, second, workload.slot).blind || isSeenInPart(workload);

/**
 * Is the workload measured before `boundarySecond`? Blind when a source says so of the newest
 * covered second, or is silent though it had load, or when nobody covered its pods (or what it
 * held) for `blindAfterMs`; unobserved when there was nothing to cover.
 */
export const seenAt = (
  state: WindowerState,
  workload: WindowedWorkload,
  boundarySecond: number,
): Seen => {
  const covered = workload.committedCoveredSecond;
  const boundaryMs = boundarySecond * 1000;
  const coveredUntilMs = (covered + 1) * 1000;
  const isCovered = covered >= workload.countsFromSecond;
  if (isCovered && boundaryMs - coveredUntilMs < blindAfterMs) {
    return isBlindIn(state, workload, covered) ? 'blind' : 'measured';
  }
  if (workload.pods.size > 0) {
    const watchedMs = boundaryMs - Math.max(coveredUntilMs, workload.watchedFromMs);
    if (watchedMs >= blindAfterMs) return 'blind';
    return isCovered ? 'measured' : 'unobserved';
  }
  const forgotten = isWindowEmpty(workload.stable, boundarySecond - 1);
  return heldWhenLastSeen(workload) && !forgotten ? 'blind' : 'unobserved';
};
