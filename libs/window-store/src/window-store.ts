/** Where a partition's windows outlive their owner: the seconds of each source, and the cursor. */
import type { SourceSecond } from '@flyball/domain';

/** How far SAMPLES are in the stored seconds. */
export interface WindowCursor {
  /** SAMPLES have been written through here. */
  readonly cursorSeq: number;
  /** Id of the batch there: another one is there when SAMPLES lost their tail and grew again. */
  readonly cursorId: string;
  /** Creation time of the SAMPLES stream that the cursor belongs to. */
  readonly streamCreatedAt: string;
}

export interface StoredWindows extends WindowCursor {
  /** In no particular order. */
  readonly seconds: readonly SourceSecond[];
}

export interface WindowWrite extends StoredWindows {
  /** Seconds that began before this (UTC ms) are forgotten. */
  readonly keepFromMs: number;
}

/**
 * Throws OutsideError REDIS_UNREACHABLE or REDIS_REFUSED. After any error it is not known whether
 * a write was done: read the cursor before the next one.
 */
export interface WindowStore {
  /** Everything of a partition, for a taker-over; undefined when nothing (or not all) is there. */
  load(partition: number): Promise<StoredWindows | undefined>;
  /** The cursor alone; undefined when nothing is there. */
  cursor(partition: number): Promise<WindowCursor | undefined>;
  /**
   * Writes whole source-seconds and moves the cursor, in one atomic step. A cursor that is not
   * `expectedCursorSeq` (0: nothing is there) means another owner wrote, or the store was emptied:
   * nothing is written and false is returned.
   */
  write(partition: number, expectedCursorSeq: number, windows: WindowWrite): Promise<boolean>;
  /** Forgets the partition: the next write expects 0. */
  clear(partition: number): Promise<void>;
  close(): Promise<void>;
}
