/** Folds ticks: the shell's clock, what was said at its cause, and what the log stored of it. */
import type { FlyballEvent, TickRows } from '@flyball/contracts';
import { forgetSilentSources, seenAt } from './evaluate.ts';
import { commitSeconds, restartWindows } from './fold-windows.ts';
import { inputIdOf } from './ids.ts';
import { refusedKeptMs, secondsKeptBeyondWindowMs, type TickDue, ticksKeptMs } from './input.ts';
import { oldestDueMinute } from './minutes-due.ts';
import { trimSeconds } from './source-seconds.ts';
import {
  defaultStableWindowMs,
  type KeptTick,
  type WindowedWorkload,
  type WindowerState,
  workloadOf,
} from './state.ts';

const rowOf = (rows: TickRows, index: number) => ({
  stableMilli: rows.stableMilli[index] ?? null,
  panicMilli: rows.panicMilli[index] ?? null,
  seen: rows.seen[index] ?? 'unobserved',
});

/** What is said is known: the next row is compared with it. */
export const foldSentRows = (state: WindowerState, event: FlyballEvent<'TickObserved'>): void => {
  const { rows, kind } = event.data;
  state.observedAtMs = Math.max(state.observedAtMs, event.atMs);
  const dueAtMs = kind === 'tick' ? inputIdOf(event.id)?.number : undefined;
  state.tickDueAtMs = Math.max(state.tickDueAtMs, dueAtMs ?? -1);
  rows.workloads.forEach((key, index) => {
    const workload = workloadOf(state, key);
    workload.sent = rowOf(rows, index);
    if (kind === 'poke') {
      workload.pokedAtMs = event.atMs;
      workload.pokedInFlight = rows.inFlight[index] ?? 0;
    }
  });
};

/** The parts of one tick follow one another, with nothing but pokes in between. */
const placesOf = (
  state: WindowerState,
  { id, data }: FlyballEvent<'TickObserved'>,
): KeptTick['placeByWorkload'] => {
  if (data.kind === 'poke' || data.part === 1) return new Map();
  const before = state.ticks.findLast(({ kind }) => kind === 'tick');
  const sameTick = before && inputIdOf(before.id)?.number === inputIdOf(id)?.number;
  return sameTick === true ? before.placeByWorkload : new Map();
};

/** Keeps a stored tick until its minutes are recorded. */
export const keepTick = (
  state: WindowerState,
  event: FlyballEvent<'TickObserved'> & { readonly seq: number },
): void => {
  const newest = state.ticks.at(-1)?.seq ?? 0;
  if (event.seq <= newest) return;
  const { kind, part, parts, samplesThroughSeq, rows } = event.data;
  const placeByWorkload = placesOf(state, event);
  for (const [row, key] of rows.workloads.entries()) placeByWorkload.set(key, { part, row });
  state.ticks.push({
    id: event.id,
    seq: event.seq,
    atMs: event.atMs,
    kind,
    part,
    parts,
    samplesThroughSeq,
    rows,
    placeByWorkload,
  });
};

const dropTicks = (state: WindowerState, atMs: number): void => {
  const keepFromMs = Math.max(oldestDueMinute(state, atMs), atMs - ticksKeptMs);
  const firstKept = state.ticks.findIndex((tick) => tick.atMs >= keepFromMs);
  state.ticks.splice(0, firstKept === -1 ? state.ticks.length : firstKept);
};

/** The first second that windows or minutes may still need. */
export const keptFromSecond = (state: WindowerState): number => {
  let windowMs = defaultStableWindowMs;
  for (const { policy } of state.workloads.values()) {
    windowMs = Math.max(windowMs, policy?.stableWindowMs ?? 0);
  }
  return state.committedSecond - Math.ceil((windowMs + secondsKeptBeyondWindowMs) / 1000);
};

/** Nobody knows the workload any more and nothing of it is left to record. */
const isForgettable = (workload: WindowedWorkload, keepFrom: number): boolean =>
  workload.policy === undefined &&
  workload.pods.size === 0 &&
  workload.coveredSecond < keepFrom &&
  workload.activeMinuteAtMs < keepFrom * 1000;

const forget = (state: WindowerState, workload: WindowedWorkload): void => {
  state.workloads.delete(workload.key);
  state.bySlot[workload.slot] = undefined;
  state.freeSlots.push(workload.slot);
};

const forgetRefused = ({ refusedSkew }: WindowerState, atMs: number): void => {
  for (const [source, { receivedAtMs }] of refusedSkew) {
    if (atMs - receivedAtMs >= refusedKeptMs) refusedSkew.delete(source);
  }
};

/** A tick is due: seconds before it enter the windows, what nobody observes starts over. */
export const foldTickDue = (state: WindowerState, due: TickDue): void => {
  state.tickPending = due.atMs > state.tickDueAtMs;
  if (!state.tickPending) return;
  state.tickDueAtMs = due.atMs;
  const boundarySecond = Math.floor(due.atMs / 1000);
  commitSeconds(state, boundarySecond);
  const keepFrom = keptFromSecond(state);
  const minuteAtMs = Math.floor((boundarySecond - 1) / 60) * 60_000;
  for (const workload of state.workloads.values()) {
    if (workload.pods.size > 0) {
      workload.activeMinuteAtMs = Math.max(workload.activeMinuteAtMs, minuteAtMs);
    }
    forgetSilentSources(workload);
    if (seenAt(state, workload, boundarySecond) === 'unobserved') {
      restartWindows(workload, boundarySecond);
      workload.loads.clear();
    }
    if (isForgettable(workload, keepFrom)) forget(state, workload);
  }
  trimSeconds(state.seconds, keepFrom);
  dropTicks(state, due.atMs);
  forgetRefused(state, due.atMs);
};
