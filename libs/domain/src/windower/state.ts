/** What the windower knows of its partition. */
import type { Seen, TickRows, WorkloadKey } from '@flyball/contracts';
import type { MinuteRecomputation } from '../minutes/recompute.ts';
import { createWindow, type Window, type WindowAlgorithm } from '../windows/window.ts';
import { blindAfterMs } from './input.ts';
import type { SourceSeconds } from './source-seconds.ts';

/** Of the policy, what windows and pokes need. */
export interface WindowPolicy {
  readonly metric: 'concurrency' | 'rps';
  readonly algorithm: WindowAlgorithm;
  readonly stableWindowMs: number;
  readonly panicWindowMs: number;
  readonly panicThreshold: number;
  readonly targetValue: number;
}

/** The last row that was sent of a workload. */
export interface SentRow {
  readonly stableMilli: number | null;
  readonly panicMilli: number | null;
  readonly seen: Seen;
}

/** The last word of a source that had load by it, or could not measure. */
export interface SourceLoad {
  readonly secondAtMs: number;
  /** In flight as it was told: of short requests none, also when the second was full of them. */
  readonly inFlight: number;
}

export interface WindowedWorkload {
  readonly key: WorkloadKey;
  /** Its index in the columns of the source seconds. */
  readonly slot: number;
  /** Absent until PolicySet (and again after WorkloadGone): no rows are sent without. */
  policy: WindowPolicy | undefined;
  /** By pod name: is it ready? */
  readonly pods: Map<string, boolean>;
  readyPods: number;
  stable: Window;
  panic: Window;
  /** Whole seconds before this one do not count: the windows were restarted there. */
  countsFromSecond: number;
  /** The newest second that any source covered; -1 when never. */
  coveredSecond: number;
  /** The same of the seconds that ticks have reached. */
  committedCoveredSecond: number;
  /** Since when it has pods or is known, UTC ms: blindness counts from here at the earliest. */
  watchedFromMs: number;
  /** When it was first heard of, UTC ms: no minute before that is recorded. */
  knownFromMs: number;
  /** By source. One that said of a second that nothing was in it is not here. */
  readonly loads: Map<string, SourceLoad>;
  sent: SentRow | undefined;
  pokedAtMs: number;
  /** In flight at the last poke, so that only growth pokes again. */
  pokedInFlight: number;
  /** A poke was held back by the rate limit: the next batch makes up for it. */
  pokeOwed: boolean;
  /** The newest minute in which anything happened to it; -1 when never. */
  activeMinuteAtMs: number;
  /** The last minute that was recorded of it. */
  recordedMinuteAtMs: number;
  /** What a reader of its minutes would recompute from here on. */
  recomputation: MinuteRecomputation | undefined;
}

/** A stored TickObserved that minutes still need. */
export interface KeptTick {
  readonly id: string;
  readonly seq: number;
  readonly atMs: number;
  readonly kind: 'tick' | 'poke';
  readonly part: number;
  readonly parts: number;
  readonly samplesThroughSeq: number;
  readonly rows: TickRows;
  /** Of all parts of the tick, so that a workload is looked up once in each: see `rowIn`. */
  readonly placeByWorkload: Map<WorkloadKey, RowPlace>;
}

/** Where in the parts of a tick (or a poke) a workload's row is. */
export interface RowPlace {
  readonly part: number;
  readonly row: number;
}

/** A poke that a batch asks for, decided when it is folded. */
export interface PokeWanted {
  readonly samplesSeq: number;
  readonly atMs: number;
  readonly rows: readonly {
    readonly workload: WorkloadKey;
    readonly inFlight: number;
    readonly traceparent: string | null;
  }[];
}

/** A batch that was refused because its source's clock is too far ahead. */
export interface RefusedSkew {
  readonly aheadMs: number;
  /** When the log stored it, UTC ms. */
  readonly receivedAtMs: number;
}

export interface WindowerState {
  readonly partition: number;
  readonly workloads: Map<WorkloadKey, WindowedWorkload>;
  /** By slot; a hole is a slot that can be given again. */
  readonly bySlot: (WindowedWorkload | undefined)[];
  readonly freeSlots: number[];
  readonly seconds: SourceSeconds;
  /** Whole seconds before this one are in the windows; ticks move it on. */
  committedSecond: number;
  samplesThroughSeq: number;
  eventsThroughSeq: number;
  /** The newest scheduled time that was ticked; -1 before the first. */
  tickDueAtMs: number;
  /** The time of the newest TickObserved: it never goes back. */
  observedAtMs: number;
  /** Did the last input bring a tick that is not said yet? */
  tickPending: boolean;
  pokeWanted: PokeWanted | undefined;
  /** Own messages folded at their cause that have not come back by the log yet: id and time. */
  readonly awaited: Map<string, number>;
  /** Stored ticks whose minutes are not all recorded, in order. */
  readonly ticks: KeptTick[];
  /** By source, of those whose newest batch was refused. */
  readonly refusedSkew: Map<string, RefusedSkew>;
}

export const defaultStableWindowMs = 60_000;
export const defaultPanicWindowMs = 6_000;

const unknownYet = -1;

const newWorkload = (state: WindowerState, key: WorkloadKey, slot: number): WindowedWorkload => ({
  key,
  slot,
  policy: undefined,
  pods: new Map(),
  readyPods: 0,
  stable: createWindow('linear', defaultStableWindowMs),
  panic: createWindow('linear', defaultPanicWindowMs),
  countsFromSecond: 0,
  coveredSecond: unknownYet,
  committedCoveredSecond: unknownYet,
  watchedFromMs: Math.max(state.tickDueAtMs, 0),
  knownFromMs: Math.max(state.tickDueAtMs, 0),
  loads: new Map(),
  sent: undefined,
  pokedAtMs: unknownYet,
  pokedInFlight: 0,
  pokeOwed: false,
  activeMinuteAtMs: unknownYet,
  recordedMinuteAtMs: unknownYet,
  recomputation: undefined,
});

/** The workload by its key, made known when it is new. */
export const workloadOf = (state: WindowerState, key: WorkloadKey): WindowedWorkload => {
  const known = state.workloads.get(key);
  if (known !== undefined) return known;
  const slot = state.freeSlots.pop() ?? state.bySlot.length;
  const added = newWorkload(state, key, slot);
  state.workloads.set(key, added);
  state.bySlot[slot] = added;
  return added;
};

/** Requests in flight by the newest word of every source that spoke lately. */
export const inFlightOf = (workload: WindowedWorkload, atMs: number): number => {
  let total = 0;
  for (const { secondAtMs, inFlight } of workload.loads.values()) {
    if (secondAtMs >= atMs - blindAfterMs - 1_000) total += inFlight;
  }
  return total;
};

/** An empty partition. */
export const initialWindowerState = (partition: number): WindowerState => ({
  partition,
  workloads: new Map(),
  bySlot: [],
  freeSlots: [],
  seconds: new Map(),
  committedSecond: 0,
  samplesThroughSeq: 0,
  eventsThroughSeq: 0,
  tickDueAtMs: unknownYet,
  observedAtMs: unknownYet,
  tickPending: false,
  pokeWanted: undefined,
  awaited: new Map(),
  ticks: [],
  refusedSkew: new Map(),
});
