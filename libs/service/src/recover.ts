/** Where a stage goes on: the snapshot and its fences, or the beginning when it cannot be used. */
import { type EventLog, loadSnapshot, type Position } from '@flyball/event-log';
import { z } from 'zod';
import { type Fences, fenceAfter } from './fences.ts';
import { type LogLoss, lossAt } from './position-check.ts';
import { lastRefoldId } from './refold.ts';

/** What the drive stores: the stage's state, and beside it its fences and the last refold. */
const storedSchema = z.strictObject({
  state: z.unknown(),
  fences: z.record(z.string(), z.strictObject({ seq: z.int().min(0), chain: z.string() })),
  refoldId: z.string().default(''),
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
  /** The newest request to fold anew that this state was folded after; empty for none. */
  readonly refoldId: string;
  /** How the state came about, for the log and for LogTruncated. */
  readonly from:
    | { readonly kind: 'snapshot' }
    /** An earlier tenure of this process left it. */
    | { readonly kind: 'memory' }
    | { readonly kind: 'beginning'; readonly reason: string }
    | ({ readonly kind: 'lost' } & LogLoss);
}

/** A snapshot that was never stored: it has only to fit the log, as a stored one has. */
export type LeftState<State> = Omit<Recovered<State>, 'from'>;

/**
 * A state holds its own outputs at their cause, so that its fences may be ahead of its position:
 * the log must hold the last of them as well.
 */
export const lossOf = async (
  { events }: EventLog,
  { position, fences }: Pick<LeftState<unknown>, 'position' | 'fences'>,
): Promise<LogLoss | undefined> => {
  const loss = await lossAt(events, position);
  if (loss !== undefined) return loss;
  const { subject, seq, chain } = Object.entries(fences).reduce(
    (last, [name, fence]) => (fence.seq > last.seq ? { subject: name, ...fence } : last),
    { subject: '', seq: position.seq, chain: '' },
  );
  if (subject === '') return undefined;
  const own = await events.at(seq);
  const isThere =
    own === undefined
      ? (await events.state()).lastSeq >= seq
      : own.subject === subject && fenceAfter(own).chain === chain;
  if (isThere) return undefined;
  const { streamCreatedAt } = position;
  const verdict = { kind: 'truncated' as const, lostFromSeq: seq, lostToSeq: seq };
  return { verdict, expected: { streamCreatedAt, seq, eventId: '' } };
};

/**
 * Loads the snapshot when there is a usable one whose position is still one of this log; else the
 * initial state at the beginning, with the reason. What was left takes the snapshot's place.
 */
export const recover = async <State>(
  reading: SnapshotReading<State>,
  left?: LeftState<State>,
): Promise<Recovered<State>> => {
  const { log, stage, partition } = reading;
  // Each answer may take long on a busy machine, and a dead owner's partition waits for them.
  const [stream, refoldId, loaded] = await Promise.all([
    log.events.state(),
    lastRefoldId({ log, stage, partition }),
    left === undefined ? loadSnapshot(log.snapshots, { stage, partition }) : undefined,
  ]);
  const atBeginning = (from: Recovered<State>['from']): Recovered<State> => ({
    state: reading.initialState(partition),
    fences: {},
    position: { streamCreatedAt: stream.createdAt, seq: 0, eventId: '' },
    refoldId,
    from,
  });
  if (left !== undefined) {
    const lost = await lossOf(log, left);
    // A snapshot may be from before the loss.
    if (lost !== undefined) {
      return { ...(await recover(reading)), from: { kind: 'lost', ...lost } };
    }
    if (refoldId === '' || refoldId === left.refoldId) return { ...left, from: { kind: 'memory' } };
    return atBeginning({ kind: 'beginning', reason: `${refoldId} asks for it` });
  }
  if (loaded === undefined || loaded.kind === 'none')
    return atBeginning({ kind: 'beginning', reason: 'no snapshot yet' });
  if (loaded.kind === 'ignored') return atBeginning({ kind: 'beginning', reason: loaded.reason });
  const { streamCreatedAt, seq, eventId, algorithm } = loaded.snapshot;
  const position: Position = { streamCreatedAt, seq, eventId };
  const stored = storedSchema.safeParse(loaded.snapshot.state);
  const loss = await lossOf(log, { position, fences: stored.data?.fences ?? {} });
  if (loss !== undefined) return atBeginning({ kind: 'lost', ...loss });
  const state = stored.success ? reading.fromSnapshot(stored.data.state, partition) : undefined;
  if (!stored.success || state === undefined || algorithm !== reading.snapshotVersion) {
    const reason = `the snapshot is of version ${algorithm}, this is ${reading.snapshotVersion}`;
    return atBeginning({ kind: 'beginning', reason });
  }
  const { fences } = stored.data;
  if (refoldId !== '' && refoldId !== stored.data.refoldId) {
    return atBeginning({ kind: 'beginning', reason: `${refoldId} asks for it` });
  }
  return { state, fences, position, refoldId: stored.data.refoldId, from: { kind: 'snapshot' } };
};
