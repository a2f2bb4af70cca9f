/** What a fault is: how it is done, and what it may cost. */
import type { Bed, BedKind } from './bed/bed.ts';

export interface Hurt {
  /** From this moment on, UTC ms, the time to recover counts: the fault's end, or the takeover. */
  readonly recoverFromMs: number;
  /** What this round found wrong by itself. */
  readonly problems?: readonly string[];
}

export interface Fault {
  readonly name: string;
  /** One sentence: what is done. */
  readonly about: string;
  readonly bed: BedKind;
  /** What the fault may cost; nothing, unless it is said here. */
  readonly mayCost?: {
    /** The killed activator's own requests: reset, or refused until it is back. */
    readonly requests?: true;
    /** The log's tail: then LogTruncated has to name it. */
    readonly tail?: true;
  };
  /** The cold start is asked for when the fault begins, or after it is over. */
  readonly probe?: 'during' | 'after';
  /** Rounds at most, where each takes long. */
  readonly roundsMax?: number;
  /** One of the few that the default tests run. */
  readonly quick?: true;
  /** Before the first round, and what ends it after the last one. */
  prepare?(bed: Bed): Promise<AsyncDisposable>;
  /** Does it once, and undoes it. */
  hurt(bed: Bed, round: number): Promise<Hurt>;
}

/** What one fault has shown, over all its rounds. */
export interface FaultResult {
  readonly name: string;
  readonly rounds: number;
  readonly sent: number;
  /** Sent and not answered with 200, by how they ended. */
  readonly lost: Readonly<Record<string, number>>;
  readonly allowedLost: number;
  readonly eventsLost: number;
  /** Of these, those that LogTruncated names. */
  readonly eventsNamed: number;
  readonly eventsDoubled: number;
  readonly moves: number;
  /** Milliseconds, one for each partition and round. */
  readonly recoveryMs: readonly number[];
  /** Milliseconds, one for each round: a request to a workload at zero. */
  readonly coldStartMs: readonly number[];
  readonly problems: readonly string[];
  /** Why it was not done here. */
  readonly skipped?: string;
}
