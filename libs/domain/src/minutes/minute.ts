/** A minute of one workload as the windower and its reader both see it. */
import type { Seen, WorkloadKey } from '@flyball/contracts';

/** The workload's row in a TickObserved. */
export interface MinuteRow {
  readonly stableMilli: number | null;
  readonly panicMilli: number | null;
  readonly seen: Seen;
  readonly coveredAtMs: number | null;
  readonly inFlight: number | null;
  readonly traceparent: string | null;
}

/** A message of TickObserved that evaluated the workload, with its row or without one. */
export interface MinuteTick {
  readonly id: string;
  readonly seq: number;
  readonly atMs: number;
  readonly kind: 'tick' | 'poke';
  readonly part: number;
  readonly parts: number;
  readonly samplesThroughSeq: number;
  readonly row: MinuteRow | undefined;
}

/** What the averages were taken from; only linear ones are recomputed. */
export interface MinuteWindows {
  readonly metric: 'concurrency' | 'rps';
  readonly stableWindowMs: number;
  readonly panicWindowMs: number;
}

export interface MinuteSource {
  readonly workload: WorkloadKey;
  readonly partition: number;
  /** Start of the minute, UTC ms. */
  readonly minuteAtMs: number;
  readonly concurrencyMilli: readonly (number | null)[];
  readonly requestsMilli: readonly (number | null)[];
  readonly blindSeconds: readonly number[];
  /** Absent: averages cannot be recomputed, they are written out. */
  readonly windows: MinuteWindows | undefined;
  readonly ticks: readonly MinuteTick[];
}
