/** Where a partition's windows outlive their owner: the seconds of each source, and the cursor. */
import type { WorkloadKey } from '@flyball/contracts';

/** One source's second: a value per workload, NaN where the source was blind. */
export interface SourceSecond {
  readonly source: string;
  /** Start of the second, UTC ms. */
  readonly secondAtMs: number;
  readonly workloads: readonly WorkloadKey[];
  /** Concurrency, in thousandths. */
  readonly concurrencyMilli: Float64Array;
  /** Requests that arrived, in thousandths. */
  readonly requestsMilli: Float64Array;
}

export interface StoredWindows {
  /** SAMPLES have been written through here; 0 when the store is empty. */
  readonly cursorSeq: number;
  /** Creation time of the SAMPLES stream that the cursor belongs to. */
  readonly streamCreatedAt: string;
  readonly seconds: readonly SourceSecond[];
}

export interface WindowStore {
  /** Everything of a partition, for a taker-over; undefined when nothing (or not all) is there. */
  load(partition: number): Promise<StoredWindows | undefined>;
  /**
   * Writes whole source-seconds and moves the cursor, in one atomic step. A cursor that is not
   * `expectedCursorSeq` means another owner wrote: nothing is written and false is returned.
   */
  write(partition: number, expectedCursorSeq: number, windows: StoredWindows): Promise<boolean>;
  close(): Promise<void>;
}
