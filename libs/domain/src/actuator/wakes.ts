/** Wakes: which one stands by the log, and how old it is by the time at which it was heard. */
import type { FlyballEvent, WorkloadKey } from '@flyball/contracts';
import { wakeKeptMs } from './input.ts';
import type { ActuatedWorkload, ActuatorState } from './state.ts';

/** Neither forgotten nor of an unknown age; when it was heard is told by the next time. */
export const isAsked = ({ wake, wakeHeardAtMs }: ActuatedWorkload, nowMs: number): boolean =>
  wake !== null && wakeHeardAtMs !== null && nowMs - wakeHeardAtMs <= wakeKeptMs;

/**
 * The first one keeps its name for as long as more follow, so that its tries keep their pauses.
 * Made of the log alone: a new owner is to find the same of an answer that comes late.
 */
export const foldWake = (
  state: ActuatorState,
  workload: ActuatedWorkload,
  event: FlyballEvent<'WakeRequested'>,
): void => {
  const { id, atMs, traceparent = null } = event;
  const { wake } = workload;
  if (wake === null) workload.wake = { id, atMs, traceparent };
  else if (atMs - wake.atMs > wakeKeptMs) {
    workload.wake = { id, atMs, traceparent, before: wake.id };
  } else workload.wake = { ...wake, atMs: Math.max(wake.atMs, atMs) };
  workload.wakeHeardAtMs = state.live ? null : workload.wake.atMs;
  if (state.live) state.unheard.add(event.workload as WorkloadKey);
};

/** What was heard since a time was told last is as new as this one, whoever's clock is right. */
export const hearWakes = (state: ActuatorState): void => {
  for (const key of state.unheard) {
    const workload = state.workloads[key];
    if (workload !== undefined) workload.wakeHeardAtMs = state.nowMs;
  }
  state.unheard.clear();
};

/** Of those in the log no one knows when they were heard, but that it was before now. */
export const hearOldWakes = ({ workloads, nowMs }: ActuatorState): void => {
  for (const workload of Object.values(workloads)) {
    const { wakeHeardAtMs } = workload;
    if (wakeHeardAtMs !== null) workload.wakeHeardAtMs = Math.min(wakeHeardAtMs, nowMs);
  }
};
