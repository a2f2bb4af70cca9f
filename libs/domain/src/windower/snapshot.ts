/** What of the windower's state is not in the window store, as JSON, and the way back. */
import type { WorkloadKey } from '@flyball/contracts';
import { createWindow, spanWindow, type Window } from '../windows/window.ts';
import { fillWindow } from './fold-windows.ts';
import { createColumns, putColumns, type SourceSecond } from './source-seconds.ts';
import {
  initialWindowerState,
  type SentRow,
  type SourceLoad,
  type WindowedWorkload,
  type WindowerState,
  type WindowPolicy,
  workloadOf,
} from './state.ts';

/** A window's `WindowSpan`; null where JSON has no number: nothing was written, or dropped. */
type Span = readonly [
  firstSecond: number | null,
  lastSecond: number | null,
  heldFromSecond: number | null,
];

export interface WorkloadSnapshot {
  readonly key: WorkloadKey;
  readonly policy: WindowPolicy | null;
  readonly pods: readonly (readonly [pod: string, ready: boolean])[];
  readonly stable: Span;
  readonly panic: Span;
  readonly countsFromSecond: number;
  readonly watchedFromMs: number;
  readonly knownFromMs: number;
  readonly loads: readonly (readonly [source: string, load: SourceLoad])[];
  readonly poked: Pick<WindowedWorkload, 'pokedAtMs' | 'pokedInFlight' | 'pokeOwed'>;
  readonly sent: SentRow | null;
  readonly activeMinuteAtMs: number;
  readonly recordedMinuteAtMs: number;
}

export interface WindowerSnapshot {
  /** EVENTS have been folded through here: read on after it. */
  readonly eventsThroughSeq: number;
  /** Stored ticks from here to `eventsThroughSeq` are to be told again: minutes need them. */
  readonly ticksFromSeq: number;
  readonly tickDueAtMs: number;
  readonly observedAtMs: number;
  readonly workloads: readonly WorkloadSnapshot[];
}

/** What a window store gave back: the seconds, and how far SAMPLES are in them. */
export interface LoadedSeconds {
  readonly cursorSeq: number;
  readonly seconds: readonly SourceSecond[];
}

const finite = (second: number): number | null => (Number.isFinite(second) ? second : null);
const never = Number.NEGATIVE_INFINITY;

const spanOf = ({ firstSecond, lastSecond, heldFromSecond }: Window): Span => [
  finite(firstSecond),
  finite(lastSecond),
  finite(heldFromSecond),
];

const snapshotOf = (workload: WindowedWorkload): WorkloadSnapshot => ({
  key: workload.key,
  policy: workload.policy ?? null,
  pods: [...workload.pods],
  stable: spanOf(workload.stable),
  panic: spanOf(workload.panic),
  countsFromSecond: workload.countsFromSecond,
  watchedFromMs: workload.watchedFromMs,
  knownFromMs: workload.knownFromMs,
  loads: [...workload.loads],
  poked: {
    pokedAtMs: workload.pokedAtMs,
    pokedInFlight: workload.pokedInFlight,
    pokeOwed: workload.pokeOwed,
  },
  sent: workload.sent ?? null,
  activeMinuteAtMs: workload.activeMinuteAtMs,
  recordedMinuteAtMs: workload.recordedMinuteAtMs,
});

/** The stored tick from which minutes are still owed; ticks before it may be purged. */
export const ticksFromSeq = (state: WindowerState): number =>
  state.ticks[0]?.seq ?? state.eventsThroughSeq + 1;

/** To be taken when everything that was decided has been appended. */
export const snapshotWindower = (state: WindowerState): WindowerSnapshot => ({
  eventsThroughSeq: state.eventsThroughSeq,
  ticksFromSeq: ticksFromSeq(state),
  tickDueAtMs: state.tickDueAtMs,
  observedAtMs: state.observedAtMs,
  workloads: [...state.workloads.values()].map(snapshotOf),
});

/** The window as it was: of its seconds, and of later ones that its owner still reached. */
const restoreWindow = (
  state: WindowerState,
  workload: WindowedWorkload,
  { window, span }: { readonly window: Window; readonly span: Span },
): void => {
  const [firstSecond, lastSecond, heldFromSecond] = span;
  spanWindow(window, {
    firstSecond: firstSecond ?? never,
    lastSecond: lastSecond ?? never,
    heldFromSecond: heldFromSecond ?? never,
  });
  fillWindow(state, workload, window);
};

const restoreWorkload = (state: WindowerState, from: WorkloadSnapshot): void => {
  const workload = workloadOf(state, from.key);
  const policy = from.policy ?? undefined;
  workload.policy = policy;
  for (const [pod, ready] of from.pods) workload.pods.set(pod, ready);
  workload.readyPods = from.pods.filter(([, ready]) => ready).length;
  const algorithm = policy?.algorithm ?? 'linear';
  const { stable, panic } = workload;
  const stableMs = policy?.stableWindowMs ?? stable.windowMs;
  const panicMs = policy?.panicWindowMs ?? panic.windowMs;
  workload.stable = createWindow(algorithm, stableMs);
  workload.panic = createWindow(algorithm, panicMs);
  workload.countsFromSecond = from.countsFromSecond;
  restoreWindow(state, workload, { window: workload.stable, span: from.stable });
  restoreWindow(state, workload, { window: workload.panic, span: from.panic });
  workload.watchedFromMs = from.watchedFromMs;
  workload.knownFromMs = from.knownFromMs;
  for (const [source, load] of from.loads) workload.loads.set(source, load);
  Object.assign(workload, from.poked);
  workload.sent = from.sent ?? undefined;
  workload.activeMinuteAtMs = from.activeMinuteAtMs;
  workload.recordedMinuteAtMs = from.recordedMinuteAtMs;
};

const restoreSecond = (state: WindowerState, stored: SourceSecond): void => {
  const workloads = stored.workloads.map((key) => workloadOf(state, key));
  const columns = createColumns(state.bySlot.length, stored.whole);
  const second = Math.floor(stored.secondAtMs / 1000);
  workloads.forEach((workload, row) => {
    columns.concurrency[workload.slot] = stored.concurrencyMilli[row] ?? Number.NaN;
    columns.requests[workload.slot] = stored.requestsMilli[row] ?? Number.NaN;
    workload.coveredSecond = Math.max(workload.coveredSecond, second);
    if (second < state.committedSecond) {
      workload.committedCoveredSecond = Math.max(workload.committedCoveredSecond, second);
    }
  });
  putColumns(state.seconds, stored.source, second, columns);
};

/**
 * The state to go on from. Then tell it: the stored ticks from `ticksFromSeq` on, the last recorded
 * minute of each workload, EVENTS after `eventsThroughSeq`, SAMPLES after the cursor; tick when
 * all that is folded. Without a snapshot EVENTS are folded from their beginning; without stored
 * seconds, SAMPLES are.
 */
export const restoreWindower = (
  partition: number,
  snapshot: WindowerSnapshot | undefined,
  loaded: LoadedSeconds | undefined,
): WindowerState => {
  const state = initialWindowerState(partition);
  if (snapshot !== undefined) {
    state.eventsThroughSeq = snapshot.eventsThroughSeq;
    state.tickDueAtMs = snapshot.tickDueAtMs;
    state.observedAtMs = snapshot.observedAtMs;
    state.committedSecond = Math.max(0, Math.floor(snapshot.tickDueAtMs / 1000));
  }
  state.samplesThroughSeq = loaded?.cursorSeq ?? 0;
  // In the order in which its owner knew them: a tick's rows are in that order.
  for (const { key } of snapshot?.workloads ?? []) workloadOf(state, key);
  for (const second of loaded?.seconds ?? []) restoreSecond(state, second);
  for (const workload of snapshot?.workloads ?? []) restoreWorkload(state, workload);
  return state;
};
