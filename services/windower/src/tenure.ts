/** What one owner of a partition works with, from its recovery until it ends or is fenced. */
import type { FlyballEvent } from '@flyball/contracts';
import type { WindowerState } from '@flyball/domain';
import type { EventLog, Position } from '@flyball/event-log';
import type {
  Clock,
  Life,
  Ownership,
  PositionCheck,
  Recovery,
  RecoveryFacts,
  Writer,
} from '@flyball/service';
import type { WindowStore } from '@flyball/window-store';
import type { LogTime } from './log-time.ts';
import type { WindowerMetrics } from './metrics.ts';

export interface WindowerContext {
  readonly log: EventLog;
  readonly store: WindowStore;
  readonly partition: number;
  readonly life: Life;
  readonly clock: Clock;
  /** Ticks fall by it; one for all partitions. */
  readonly logTime: LogTime;
  readonly ownership: Ownership;
  /** A tenure is left as it is: the next one of this process goes on with its state. */
  readonly recovery: Recovery<Tenure>;
  /** The lease's. */
  readonly signal: AbortSignal;
  readonly metrics: WindowerMetrics;
  readonly mirrorCheckEveryMs: number;
  readonly onStoreStatus: (ok: boolean, reason: string) => void;
  /** `<stream> <seq>` of the messages on which the stage threw: they are passed by. */
  readonly broken: Set<string>;
}

/** Whether EVENTS and SAMPLES still hold what the tenure has read of them. */
export interface LogChecks {
  readonly events: PositionCheck;
  readonly samples: PositionCheck;
  /** The connection over which ticks and minutes may be stored: see `PositionCheck.holdsOver`. */
  holdsOver(): Promise<number | undefined>;
  /** The connection that stands, when both streams hold all that was read of them. */
  standing(): number | undefined;
}

export interface Tenure extends WindowerContext {
  state: WindowerState;
  readonly checks: LogChecks;
  readonly ticks: Writer;
  readonly minutes: Writer;
  /** Own ticks by id that were appended here and have not come back by the log. */
  readonly told: Map<string, FlyballEvent<'TickObserved'>>;
  /** Aborts when this state cannot go on. */
  readonly stop: AbortController;
  /** Of the lease and of `stop`. */
  readonly over: AbortSignal;
  readonly eventsCreatedAt: string;
  readonly samplesCreatedAt: string;
  /** The cursor that was found in Redis. */
  readonly storedCursorSeq: number | undefined;
  /** Folded after that cursor during recovery: Redis does not have them. */
  readonly foldedSeconds: { readonly source: string; readonly secondAtMs: number }[];
  /** What was recorded before is known: ticks before the snapshot, and the last minutes. */
  isInformed: boolean;
  /** The request to fold anew that this state was folded after; empty for none. */
  readonly refoldId: string;
  /** How its state came about. */
  readonly from: RecoveryFacts['from'];
  eventId: string;
  /** The id of the newest batch that was folded, at `state.samplesThroughSeq`; empty for none. */
  samplesId: string;
  fencedBy: string | undefined;
  failure: unknown;
}

/** Where its state is in EVENTS. */
export const eventsPosition = ({ eventsCreatedAt, eventId, state }: Tenure): Position => ({
  ...{ streamCreatedAt: eventsCreatedAt, seq: state.eventsThroughSeq, eventId },
});

/** Where its state is in SAMPLES. */
export const samplesPosition = ({ samplesCreatedAt, samplesId, state }: Tenure): Position => ({
  ...{ streamCreatedAt: samplesCreatedAt, seq: state.samplesThroughSeq, eventId: samplesId },
});

/** The version of the snapshot's shape. */
export const windowerSnapshotVersion = 3;

/** This state is of no more use: the partition is recovered. */
export const fence = (tenure: Tenure, why: string): void => {
  tenure.fencedBy ??= why;
  tenure.stop.abort();
};

/** What cannot be mended ends the tenure, and is thrown by its loop. */
export const fail = (tenure: Tenure, error: unknown): void => {
  tenure.failure ??= error;
  tenure.stop.abort();
};
