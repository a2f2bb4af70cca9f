/** What the windower is told, and what it says. */
import type { FlyballEvent, RecordedEvent } from '@flyball/contracts';

/** A batch of SAMPLES with its place there. */
export type SampleBatch = FlyballEvent<'SamplesReported'> & {
  readonly seq: number;
  /** When the log stored it, UTC ms: against this a source's clock is judged. */
  readonly receivedAtMs: number;
};

/** The shell's clock: a tick is due. One with a time that was already ticked says nothing. */
export interface TickDue {
  readonly type: 'TickDue';
  /** When it was scheduled, UTC ms: even seconds + `tickOffsetMs`. */
  readonly atMs: number;
}

/** An event of the partition, in the order of the log; own TickObserved come back here too. */
export type WindowerInput = RecordedEvent | SampleBatch | TickDue;

export type WindowerOutput = FlyballEvent<'TickObserved'> | FlyballEvent<'MinuteRecorded'>;

/** A tick each 2 s. */
export const tickEveryMs = 2_000;
/** Ticks fall this long after the second, so that the batches of the last whole one are in. */
export const tickOffsetMs = 200;
/**
 * A workload is poked at most once in this time. A little less than the 200 ms of its sources,
 * whose timers and whole milliseconds may bring the next one early: it would wait for the second.
 */
export const pokeEveryMs = 180;
/** Pods (or held requests) that no source has covered for this long: blind. */
export const blindAfterMs = 5_000;
/** Samples of a second further ahead than this are refused. */
export const skewMaxMs = 5_000;
/** A source that was refused and says nothing for this long has ended: it is not shown any more. */
export const refusedKeptMs = 10_000;
/** A minute is recorded this long after its end, when its late samples are in. */
export const minuteSettledMs = 5_000;
/** A partition's minutes are spread over this many ticks, so that no tick waits behind them all. */
export const minuteSpreadTicks = 20;
/**
 * Small partitions need not be spread further than this many minutes a tick; with more of them, the
 * partitions of one process together would hold up the pokes that come at that moment.
 */
export const minutesPerTickMin = 10;
/** Ticks wait this long for their minutes to be recorded; older ones are given up. */
export const ticksKeptMs = 600_000;
/** Seconds are kept for the longest window and this: a minute, its settling, and a few ticks. */
export const secondsKeptBeyondWindowMs = 150_000;

/** The first time after `afterMs` at which a tick is due. */
export const nextTickAtMs = (afterMs: number): number => {
  const due = Math.floor(afterMs / tickEveryMs) * tickEveryMs + tickOffsetMs;
  return due > afterMs ? due : due + tickEveryMs;
};

/** The input id of one part of a tick; the event's id follows from it. */
export const tickInputId = (atMs: number, part: number): string => `w${atMs}-${part}`;
/** The input id of one part of a poke. */
export const pokeInputId = (samplesSeq: number, part: number): string => `k${samplesSeq}-${part}`;

export const windowerSource = '/flyball/windower';
