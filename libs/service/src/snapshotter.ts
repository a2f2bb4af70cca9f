/** When and how snapshots are written: by count and by time, one at a time, beside the work. */
import { OutsideError } from '@flyball/contracts';
import { type EventLog, type Position, storeSnapshot } from '@flyball/event-log';
import type { Logger } from 'pino';
import { type Clock, turnInRoundMs } from './clock.ts';
import type { Fences } from './fences.ts';
import { isRefoldAsked } from './refold.ts';
import type { StageMetrics } from './stage-metrics.ts';

/** A snapshot is written after this many messages … */
export const snapshotEveryMessages = 20_000;
/** … or once in each round of this time, if anything came in; each partition in its turn. */
export const snapshotEveryMs = 30_000;

export interface SnapshotterOptions {
  readonly log: EventLog;
  readonly stage: { readonly stage: { readonly name: string }; readonly snapshotVersion: number };
  readonly partition: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StageMetrics;
}

export interface FoldedState {
  /** The last message that was folded. */
  readonly seq: number;
  readonly eventId: string;
  readonly state: { readonly state: unknown; readonly fences: Fences };
  /** Whose log holds all that the state has read; no other may have the snapshot. */
  readonly connection: number;
}

export interface Snapshotter {
  due(seq: number): boolean;
  /** True when the state is to be discarded and folded anew: asked where a snapshot is due. */
  isRefoldAsked(): Promise<boolean>;
  /** Serialises at once and writes beside the work; nothing when one is still being written. */
  store(snapshot: FoldedState): void;
  /** Resolves when nothing is being written. */
  settled(): Promise<void>;
}

export const createSnapshotter = (
  options: SnapshotterOptions,
  { position, refoldId }: { readonly position: Position; readonly refoldId: string },
): Snapshotter => {
  const { log, stage, partition, clock, logger, metrics } = options;
  const { streamCreatedAt } = position;
  let lastSeq = position.seq;
  const turnMs = turnInRoundMs(partition, snapshotEveryMs);
  const roundNow = (): number => Math.floor((clock.monotonicMs() - turnMs) / snapshotEveryMs);
  let lastRound = roundNow();
  let writing: Promise<void> | undefined;

  const write = async ({ seq, eventId, state, connection }: FoldedState) => {
    const startedMs = clock.monotonicMs();
    try {
      const bytes = await storeSnapshot(
        log.snapshots,
        { stage: stage.stage.name, partition },
        {
          ...{ streamCreatedAt, algorithm: stage.snapshotVersion, seq, eventId },
          state: { ...state, refoldId },
        },
        connection,
      );
      metrics.snapshotBytes.set({ partition }, bytes);
      metrics.snapshotSeconds.observe((clock.monotonicMs() - startedMs) / 1_000);
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error;
      // A snapshot only shortens the way back; the next one is due soon enough.
      logger.error({ err: error, partition }, 'no snapshot was written');
    }
  };

  return {
    due: (seq) =>
      writing === undefined &&
      seq > lastSeq &&
      (seq - lastSeq >= snapshotEveryMessages || roundNow() > lastRound),
    isRefoldAsked: () => isRefoldAsked({ log, stage: stage.stage.name, partition }, refoldId),
    store: (snapshot) => {
      if (writing !== undefined || snapshot.seq <= lastSeq) return;
      lastSeq = snapshot.seq;
      lastRound = roundNow();
      writing = write(snapshot).finally(() => {
        writing = undefined;
      });
    },
    settled: async () => {
      await writing;
    },
  };
};
