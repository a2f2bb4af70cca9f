/** Where a stage goes on: the snapshot and its fences, or the beginning when it cannot be used. */
import { type EventLog, loadSnapshot, type Position } from '@flyball/event-log';
import { z } from 'zod';
import type { Fences } from './fences.ts';
import { type LogLoss, lossAt } from './position-check.ts';

/** What the drive stores: the stage's state, and its fences beside it. */
const storedSchema = z.strictObject({
  state: z.unknown(),
  fences: z.record(z.string(), z.strictObject({ seq: z.int().min(0), chain: z.string() })),
});

export interface SnapshotReading<State> {
  readonly log: EventLog;
  /** The stage's name, or what else keys the snapshot. */
  readonly stage: string;
  readonly partition: number;
  readonly snapshotVersion: number;
  fromSnapshot(snapshot: unknown, partition: number): State | undefined;
  initialState(partition: number): State;
}

export interface Recovered<State> {
  readonly state: State;
  readonly fences: Fences;
  readonly position: Position;
  /** How the state came about, for the log and for LogTruncated. */
  readonly from:
    | { readonly kind: 'snapshot' }
    | { readonly kind: 'beginning'; readonly reason: string }
    | ({ readonly kind: 'lost' } & LogLoss);
}

/**
 * Loads the snapshot when there is a usable one whose position is still one of this log; else the
 * initial state at the beginning, with the reason.
 */
export const recover = async <State>(
  reading: SnapshotReading<State>,
): Promise<Recovered<State>> => {
  const { log, stage, partition } = reading;
  const stream = await log.events.state();
  const atBeginning = (from: Recovered<State>['from']): Recovered<State> => ({
    state: reading.initialState(partition),
    fences: {},
    position: { streamCreatedAt: stream.createdAt, seq: 0, eventId: '' },
    from,
  });
  const loaded = await loadSnapshot(log.snapshots, { stage, partition });
  if (loaded.kind === 'none') return atBeginning({ kind: 'beginning', reason: 'no snapshot yet' });
  if (loaded.kind === 'ignored') return atBeginning({ kind: 'beginning', reason: loaded.reason });
  const { streamCreatedAt, seq, eventId, algorithm } = loaded.snapshot;
  const position: Position = { streamCreatedAt, seq, eventId };
  const loss = await lossAt(log.events, position);
  if (loss !== undefined) return atBeginning({ kind: 'lost', ...loss });
  const stored = storedSchema.safeParse(loaded.snapshot.state);
  const state = stored.success ? reading.fromSnapshot(stored.data.state, partition) : undefined;
  if (!stored.success || state === undefined || algorithm !== reading.snapshotVersion) {
    const reason = `the snapshot is of version ${algorithm}, this is ${reading.snapshotVersion}`;
    return atBeginning({ kind: 'beginning', reason });
  }
  return { state, fences: stored.data.fences, position, from: { kind: 'snapshot' } };
};
