/** Which minutes of which workloads are over, settled, and not recorded yet. */
import { minuteSettledMs, minuteSpreadTicks, minutesPerTickMin } from './input.ts';
import type { WindowedWorkload, WindowerState } from './state.ts';

const minuteMs = 60_000;
const floorToMinute = (atMs: number): number => Math.floor(atMs / minuteMs) * minuteMs;

export interface DueMinute {
  readonly workload: WindowedWorkload;
  readonly minuteAtMs: number;
}

/** The newest minute whose late samples are in. */
const settledMinute = (atMs: number): number => floorToMinute(atMs - minuteSettledMs - minuteMs);

/** The minutes from..to that a workload still owes; a quiet minute after an active one counts. */
const owed = (
  state: WindowerState,
  workload: WindowedWorkload,
  settledAtMs: number,
): { readonly fromMs: number; readonly toMs: number } | undefined => {
  const oldestTick = state.ticks[0];
  if (oldestTick === undefined || workload.activeMinuteAtMs < 0) return undefined;
  const fromMs = Math.max(
    workload.recordedMinuteAtMs + minuteMs,
    floorToMinute(oldestTick.atMs),
    workload.recordedMinuteAtMs < 0 ? floorToMinute(workload.knownFromMs) : 0,
  );
  const toMs = Math.min(settledAtMs, workload.activeMinuteAtMs + minuteMs);
  return fromMs <= toMs ? { fromMs, toMs } : undefined;
};

/** Ticks that were said and have not come back by the log hold their minute up. */
const awaitedFromMs = (state: WindowerState): number => {
  let earliest = Number.POSITIVE_INFINITY;
  for (const atMs of state.awaited.values()) earliest = Math.min(earliest, atMs);
  return earliest;
};

/** What to record at a tick: a share of the partition, a workload's minutes in order. */
export const minutesDue = (state: WindowerState, atMs: number): readonly DueMinute[] => {
  const settledAtMs = settledMinute(atMs);
  const holdFromMs = awaitedFromMs(state);
  const limit = Math.max(minutesPerTickMin, Math.ceil(state.workloads.size / minuteSpreadTicks));
  const due: DueMinute[] = [];
  for (const workload of state.workloads.values()) {
    const minutes = owed(state, workload, settledAtMs);
    if (minutes === undefined) continue;
    for (let at = minutes.fromMs; at <= minutes.toMs; at += minuteMs) {
      if (at + minuteMs > holdFromMs) break;
      due.push({ workload, minuteAtMs: at });
      if (due.length === limit) return due;
    }
  }
  return due;
};

/** Ticks before this minute are in recorded minutes, or no minute needs them. */
export const oldestDueMinute = (state: WindowerState, atMs: number): number => {
  const settledAtMs = settledMinute(atMs);
  let oldest = settledAtMs + minuteMs;
  for (const workload of state.workloads.values()) {
    oldest = Math.min(oldest, owed(state, workload, settledAtMs)?.fromMs ?? oldest);
  }
  return oldest;
};
