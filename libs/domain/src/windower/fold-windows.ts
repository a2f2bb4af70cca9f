/** Moves seconds into the windows as ticks reach them, and starts windows over. */
import {
  clearWindow,
  createWindow,
  isTooLate,
  recordSample,
  resizeWindow,
  spanWindow,
  type Window,
} from '../windows/window.ts';
import { absent, isMeasured, secondsBetween, valueAt } from './source-seconds.ts';
import {
  defaultPanicWindowMs,
  defaultStableWindowMs,
  type WindowedWorkload,
  type WindowerState,
  type WindowPolicy,
} from './state.ts';

/** Brings every second before `boundarySecond` into the windows, oldest first. */
export const commitSeconds = (state: WindowerState, boundarySecond: number): void => {
  for (const second of secondsBetween(state.seconds, state.committedSecond, boundarySecond)) {
    for (const ring of state.seconds.values()) {
      const columns = ring.get(second);
      if (columns === undefined) continue;
      for (let slot = 0; slot < columns.concurrency.length; slot += 1) {
        const workload = state.bySlot[slot];
        if (workload === undefined || columns.concurrency[slot] === absent) continue;
        workload.committedCoveredSecond = Math.max(workload.committedCoveredSecond, second);
        const value = valueAt(columns, slot, workload.policy?.metric ?? 'concurrency');
        if (!isMeasured(value) || second < workload.countsFromSecond) continue;
        recordSample(workload.stable, second, value);
        recordSample(workload.panic, second, value);
      }
    }
  }
  state.committedSecond = Math.max(state.committedSecond, boundarySecond);
};

/** Takes in all that is kept and counts of the seconds it holds, as far as ticks have reached. */
export const fillWindow = (
  state: WindowerState,
  workload: WindowedWorkload,
  window: Window,
): void => {
  const metric = workload.policy?.metric ?? 'concurrency';
  const from = Math.max(window.heldFromSecond, workload.countsFromSecond);
  for (const second of secondsBetween(state.seconds, from, state.committedSecond)) {
    for (const ring of state.seconds.values()) {
      const value = valueAt(ring.get(second), workload.slot, metric);
      if (isMeasured(value)) recordSample(window, second, value);
    }
  }
};

/**
 * A late second of a source that had not told it before. One from before a resize brings along
 * what was dropped after it: no second is missing between those that a window holds.
 */
export const addLateSecond = (
  state: WindowerState,
  workload: WindowedWorkload,
  { second, value }: { readonly second: number; readonly value: number },
): void => {
  for (const window of [workload.stable, workload.panic]) {
    if (second >= window.heldFromSecond) recordSample(window, second, value);
    else if (!isTooLate(window, second)) {
      recordSample(window, second, value);
      spanWindow(window, { ...window, heldFromSecond: second });
      fillWindow(state, workload, window);
    }
  }
};

/** Makes the windows anew from the seconds that are kept. */
export const rebuildWindows = (state: WindowerState, workload: WindowedWorkload): void => {
  const { policy } = workload;
  const algorithm = policy?.algorithm ?? 'linear';
  workload.stable = createWindow(algorithm, policy?.stableWindowMs ?? defaultStableWindowMs);
  workload.panic = createWindow(algorithm, policy?.panicWindowMs ?? defaultPanicWindowMs);
  for (const window of [workload.stable, workload.panic]) fillWindow(state, workload, window);
};

/** Nothing before `second` counts any more. */
export const restartWindows = (workload: WindowedWorkload, second: number): void => {
  workload.countsFromSecond = second;
  clearWindow(workload.stable);
  clearWindow(workload.panic);
};

/** Takes over a policy: other lengths keep the newest seconds, another measure starts anew. */
export const applyWindowPolicy = (
  state: WindowerState,
  workload: WindowedWorkload,
  policy: WindowPolicy,
  nowSecond: number,
): void => {
  const before = workload.policy;
  workload.policy = policy;
  const sameMeasure =
    before !== undefined &&
    before.metric === policy.metric &&
    before.algorithm === policy.algorithm;
  if (sameMeasure) {
    resizeWindow(workload.stable, policy.stableWindowMs, nowSecond);
    resizeWindow(workload.panic, policy.panicWindowMs, nowSecond);
  } else {
    rebuildWindows(state, workload);
  }
};
