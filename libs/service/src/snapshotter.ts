/** When and how snapshots are written: by count and by time, one at a time, beside the work. */
import { OutsideError } from '@flyball/contracts';
import { type EventLog, type Position, storeSnapshot } from '@flyball/event-log';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { StageMetrics } from './stage-metrics.ts';

/** A snapshot is written after this many messages … */
export const snapshotEveryMessages = 20_000;
/** … or after this time, if anything came in. */
export const snapshotEveryMs = 30_000;

export interface SnapshotterOptions {
  readonly log: EventLog;
  readonly stage: { readonly stage: { readonly name: string }; readonly snapshotVersion: number };
  readonly partition: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StageMetrics;
}

export interface Snapshotter {
  due(seq: number): boolean;
  /** Serialises at once and writes beside the work; nothing when one is still being written. */
  store(snapshot: { seq: number; eventId: string; state: unknown }): void;
  /** Resolves when nothing is being written. */
  settled(): Promise<void>;
}

export const createSnapshotter = (options: SnapshotterOptions, position: Position): Snapshotter => {
  const { log, stage, partition, clock, logger, metrics } = options;
  const { streamCreatedAt } = position;
  let lastSeq = position.seq;
  let lastMs = clock.monotonicMs();
  let writing: Promise<void> | undefined;

  const write = async (snapshot: { seq: number; eventId: string; state: unknown }) => {
    const startedMs = clock.monotonicMs();
    try {
      const bytes = await storeSnapshot(
        log.snapshots,
        { stage: stage.stage.name, partition },
        { streamCreatedAt, algorithm: stage.snapshotVersion, ...snapshot },
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
      (seq - lastSeq >= snapshotEveryMessages || clock.monotonicMs() - lastMs >= snapshotEveryMs),
    store: (snapshot) => {
      if (writing !== undefined || snapshot.seq <= lastSeq) return;
      lastSeq = snapshot.seq;
      lastMs = clock.monotonicMs();
      writing = write(snapshot).finally(() => {
        writing = undefined;
      });
    },
    settled: async () => {
      await writing;
    },
  };
};
