/** Folds a batch of samples: replaces the source's second, corrects windows, notes what to poke. */
import type { WorkloadKey } from '@flyball/contracts';
import { recordSample } from '../windows/window.ts';
import { addLateSecond, rebuildWindows } from './fold-windows.ts';
import { pokeEveryMs, type SampleBatch, skewMaxMs, tickEveryMs } from './input.ts';
import {
  absent,
  columnsOf,
  createColumns,
  isMeasured,
  putColumns,
  type SecondColumns,
  valueAt,
} from './source-seconds.ts';
import {
  inFlightOf,
  type PokeWanted,
  type WindowedWorkload,
  type WindowerState,
  workloadOf,
} from './state.ts';

const minuteOf = (second: number): number => Math.floor(second / 60) * 60_000;

const noteCoverage = (state: WindowerState, workload: WindowedWorkload, second: number): void => {
  workload.coveredSecond = Math.max(workload.coveredSecond, second);
  if (second < state.committedSecond) {
    workload.committedCoveredSecond = Math.max(workload.committedCoveredSecond, second);
  }
  workload.activeMinuteAtMs = Math.max(workload.activeMinuteAtMs, minuteOf(second));
};

/** A second that a resize has dropped stays so, whatever its source says of it now. */
const replaceSecond = (
  { stable, panic }: WindowedWorkload,
  second: number,
  difference: number,
): void => {
  for (const window of [stable, panic]) {
    if (second >= window.heldFromSecond) recordSample(window, second, difference);
  }
};

/** Seconds that a tick has reached are in the windows already: the difference is added. */
const correctWindows = (
  state: WindowerState,
  workload: WindowedWorkload,
  second: number,
  before: number,
  after: number,
): void => {
  if (second >= state.committedSecond || second < workload.countsFromSecond) return;
  if (isMeasured(after)) {
    if (isMeasured(before)) replaceSecond(workload, second, after - before);
    else addLateSecond(state, workload, { second, value: after });
  } else if (isMeasured(before)) {
    // A second that is taken back must leave no trace, not even where the window begins.
    rebuildWindows(state, workload);
  }
};

const applyChange = (
  state: WindowerState,
  workload: WindowedWorkload,
  second: number,
  before: SecondColumns | undefined,
  after: SecondColumns,
): void => {
  if (valueAt(after, workload.slot, 'concurrency') !== absent) {
    noteCoverage(state, workload, second);
  }
  const metric = workload.policy?.metric ?? 'concurrency';
  const [from, to] = [
    valueAt(before, workload.slot, metric),
    valueAt(after, workload.slot, metric),
  ];
  correctWindows(state, workload, second, from, to);
};

/** What a source says of one workload's second; null where it could not measure. */
interface Word {
  readonly concurrency: number | null;
  readonly requests: number | null;
  /** As it is told. */
  readonly inFlight: number;
}

const nothing: Word = { concurrency: 0, requests: 0, inFlight: 0 };

const wordAt = ({ rows }: SampleBatch['data'], row: number): Word => ({
  concurrency: rows.concurrencyMilli[row] ?? null,
  requests: rows.requestsMilli[row] ?? null,
  inFlight: rows.inFlight[row] ?? 0,
});

/** Who could not measure may have had load: only a zero is none. */
const hasLoad = ({ concurrency, requests, inFlight }: Word): boolean =>
  inFlight !== 0 || concurrency !== 0 || requests !== 0;

const noteLoad = (
  workload: WindowedWorkload,
  source: string,
  secondAtMs: number,
  word: Word,
): void => {
  const known = workload.loads.get(source);
  if (known !== undefined && known.secondAtMs > secondAtMs) return;
  if (hasLoad(word)) workload.loads.set(source, { secondAtMs, inFlight: word.inFlight });
  else workload.loads.delete(source);
};

const fill = (columns: SecondColumns, slot: number, { concurrency, requests }: Word): void => {
  columns.concurrency[slot] = concurrency ?? Number.NaN;
  columns.requests[slot] = requests ?? Number.NaN;
};

/** The batch's workloads: rows first, then those that were covered and had nothing. */
const workloadsIn = (state: WindowerState, keys: readonly WorkloadKey[]): WindowedWorkload[] =>
  keys.map((key) => workloadOf(state, key));

const foldWhole = (state: WindowerState, batch: SampleBatch, second: number): void => {
  const { source, secondAtMs, rows, covered } = batch.data;
  const withRows = workloadsIn(state, rows.workloads);
  const idle = workloadsIn(state, covered);
  const before = columnsOf(state.seconds, source, second);
  const after = createColumns(state.bySlot.length, true);
  for (const workload of idle) {
    fill(after, workload.slot, nothing);
    noteLoad(workload, source, secondAtMs, nothing);
  }
  withRows.forEach((workload, row) => {
    const word = wordAt(batch.data, row);
    fill(after, workload.slot, word);
    noteLoad(workload, source, secondAtMs, word);
  });
  putColumns(state.seconds, source, second, after);
  // A workload that the source said something of before may be missing now: look at all of them.
  const touched = before === undefined ? new Set([...idle, ...withRows]) : state.bySlot;
  for (const workload of touched) {
    if (workload !== undefined) applyChange(state, workload, second, before, after);
  }
};

const foldPartial = (state: WindowerState, batch: SampleBatch, second: number): void => {
  const { source, secondAtMs, rows } = batch.data;
  const withRows = workloadsIn(state, rows.workloads);
  const before = columnsOf(state.seconds, source, second);
  const slots = state.bySlot.length;
  const after = createColumns(slots, false);
  if (before !== undefined) {
    after.concurrency.set(before.concurrency);
    after.requests.set(before.requests);
  }
  putColumns(state.seconds, source, second, after);
  withRows.forEach((workload, row) => {
    const word = wordAt(batch.data, row);
    fill(after, workload.slot, word);
    noteLoad(workload, source, secondAtMs, word);
  });
  for (const workload of new Set(withRows)) applyChange(state, workload, second, before, after);
};

const crossesPanic = (workload: WindowedWorkload, inFlight: number): boolean => {
  const { policy } = workload;
  if (policy === undefined || policy.metric !== 'concurrency') return false;
  const threshold = policy.panicThreshold * policy.targetValue * Math.max(1, workload.readyPods);
  if (inFlight < threshold) {
    workload.pokedInFlight = 0;
    return false;
  }
  return inFlight > workload.pokedInFlight;
};

/** A poke is stamped by its source's clock, but never beyond the next tick or before the last. */
const pokeAtMs = (state: WindowerState, batch: SampleBatch): number => {
  const latest = state.tickDueAtMs < 0 ? batch.atMs : state.tickDueAtMs + tickEveryMs - 1;
  return Math.max(state.observedAtMs, Math.min(batch.atMs, latest));
};

const pokeOf = (state: WindowerState, batch: SampleBatch): PokeWanted | undefined => {
  const { rows, partial } = batch.data;
  const atMs = pokeAtMs(state, batch);
  const wanted: PokeWanted['rows'][number][] = [];
  rows.workloads.forEach((key, row) => {
    const workload = workloadOf(state, key);
    const inFlight = inFlightOf(workload, atMs);
    const crosses = crossesPanic(workload, inFlight);
    // The first word of it may have been lost, or refused for its clock: nobody else will say it.
    const waitsAtZero = inFlight > 0 && workload.pods.size === 0;
    if (!partial && !crosses && !waitsAtZero && !workload.pokeOwed) return;
    const tooSoon = workload.pokedAtMs >= 0 && atMs - workload.pokedAtMs < pokeEveryMs;
    workload.pokeOwed = tooSoon || workload.policy === undefined;
    if (workload.pokeOwed) return;
    wanted.push({ workload: key, inFlight, traceparent: rows.traceparents[row] ?? null });
  });
  return wanted.length === 0 ? undefined : { samplesSeq: batch.seq, atMs, rows: wanted };
};

/**
 * Folds a batch. One that was folded before, is older than what is kept, or comes from a clock
 * that is too far ahead changes nothing but the position.
 */
export const foldSamples = (state: WindowerState, batch: SampleBatch, keepFrom: number): void => {
  state.pokeWanted = undefined;
  if (batch.seq <= state.samplesThroughSeq) return;
  state.samplesThroughSeq = batch.seq;
  const { source, secondAtMs, partial } = batch.data;
  const aheadMs = secondAtMs - batch.receivedAtMs;
  if (aheadMs > skewMaxMs) {
    state.refusedSkew.set(source, { aheadMs, receivedAtMs: batch.receivedAtMs });
    return;
  }
  state.refusedSkew.delete(source);
  const second = Math.floor(secondAtMs / 1000);
  if (second < keepFrom) return;
  // What the source said at the second's end is the last word; a poke that comes later is old.
  if (partial && columnsOf(state.seconds, source, second)?.whole === true) return;
  if (partial) foldPartial(state, batch, second);
  else foldWhole(state, batch, second);
  state.pokeWanted = pokeOf(state, batch);
};
