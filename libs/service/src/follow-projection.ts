/** Keeps a projection equal to the log: folded to the end, then event by event as they come. */
import { decodeEvent, type RecordedEvent } from '@flyball/contracts';
import {
  type EventLog,
  loadSnapshot,
  type Position,
  type SnapshotKey,
  type StoredMessage,
  storeSnapshot,
} from '@flyball/event-log';
import type { Life } from './life.ts';
import { createPositionCheck, lossAt } from './position-check.ts';

const snapshotEveryMessages = 5_000;

/** What is folded from the log, for reading only. `State` is plain data. */
export interface Projection<State, Change> {
  /** Raised when the shape of the state changes: an older snapshot is then folded anew. */
  readonly version: number;
  readonly initialState: () => State;
  /** Last token of the subjects that it learns from; other messages are passed by unread. */
  readonly tails: ReadonlySet<string>;
  /** Folds one event into the state, in place; gives what changed, if anything. */
  readonly evolve: (state: State, event: RecordedEvent) => Change | undefined;
}

export interface FollowOptions<State, Change> {
  readonly log: EventLog;
  readonly life: Life;
  readonly filter: string;
  readonly snapshotKey: SnapshotKey;
  readonly projection: Projection<State, Change>;
  /** The fold has reached the end; called again when the log turned out to be another one. */
  readonly onCaughtUp: (state: State) => void;
  readonly onChanged: (state: State, change: Change) => void;
}

interface Fold<State> {
  state: State;
  position: Position;
  sinceSnapshot: number;
}

const lastToken = (subject: string): string => subject.slice(subject.lastIndexOf('.') + 1);

const foldMessage = <State, Change>(
  { projection, life }: FollowOptions<State, Change>,
  fold: Fold<State>,
  message: StoredMessage,
): Change | undefined => {
  const { streamCreatedAt } = fold.position;
  fold.position = { streamCreatedAt, seq: message.seq, eventId: message.id };
  fold.sinceSnapshot += 1;
  if (!projection.tails.has(lastToken(message.subject))) return undefined;
  const decoded = decodeEvent(message.body, message.subject, message.seq);
  if (decoded.ok) return projection.evolve(fold.state, decoded.event);
  // The stage that owns this partition puts it among the dead letters; here it is only skipped.
  const { seq, subject } = message;
  life.logger.warn({ seq, subject, reason: decoded.reason }, 'skipped an event');
  return undefined;
};

/** A snapshot counts only when the log still holds the very event that it ended with. */
const openFold = async <State, Change>(
  options: FollowOptions<State, Change>,
): Promise<Fold<State>> => {
  const { log, life, projection } = options;
  const { createdAt } = await log.events.state();
  const loaded = await loadSnapshot(log.snapshots, options.snapshotKey);
  if (loaded.kind === 'found' && loaded.snapshot.algorithm === projection.version) {
    const { streamCreatedAt, seq, eventId, state } = loaded.snapshot;
    const position: Position = { streamCreatedAt, seq, eventId };
    const loss = await lossAt(log.events, position);
    if (loss === undefined) return { state: state as State, position, sinceSnapshot: 0 };
    life.logger.warn({ ...loss }, 'the snapshot is of another log; folding anew');
  }
  const position: Position = { streamCreatedAt: createdAt, seq: 0, eventId: '' };
  return { state: projection.initialState(), position, sinceSnapshot: 0 };
};

const keepSnapshot = async <State, Change>(
  { log, life, snapshotKey, projection }: FollowOptions<State, Change>,
  fold: Fold<State>,
): Promise<void> => {
  const { position, state } = fold;
  if (position.seq === 0) return;
  fold.sinceSnapshot = 0;
  try {
    const snapshot = { ...position, algorithm: projection.version, state };
    await storeSnapshot(log.snapshots, snapshotKey, snapshot);
  } catch (error) {
    // Only a short cut is missing then: the next start folds a little more.
    life.logger.warn({ err: error }, 'could not store the snapshot');
  }
};

/** Follows until the signal aborts, or until the log turns out to be another one. */
const followOnce = async <State, Change>(
  options: FollowOptions<State, Change>,
  signal: AbortSignal,
): Promise<void> => {
  const { log, filter, life } = options;
  const fold = await openFold(options);
  const again = new AbortController();
  const either = AbortSignal.any([signal, again.signal]);
  const from = () => ({ filter, afterSeq: fold.position.seq, signal: either });
  for await (const messages of log.events.readToEnd(from())) {
    for (const message of messages) foldMessage(options, fold, message);
  }
  if (signal.aborted) return;
  options.onCaughtUp(fold.state);
  const check = createPositionCheck({
    stream: log.events,
    position: () => fold.position,
    onLost: () => again.abort(),
    clock: life.clock,
    signal: either,
  });
  for await (const messages of log.events.read({ ...from(), onResume: () => check.begin() })) {
    await check.settled();
    if (either.aborted) break;
    for (const message of messages) {
      const change = foldMessage(options, fold, message);
      if (change !== undefined) options.onChanged(fold.state, change);
    }
    if (fold.sinceSnapshot >= snapshotEveryMessages) await keepSnapshot(options, fold);
  }
  // An end must not wait for a server that is away.
  if (again.signal.aborted || log.status() !== 'connected') return;
  await keepSnapshot(options, fold);
};

/** Follows the log until the signal aborts. */
export const followProjection = async <State, Change>(
  options: FollowOptions<State, Change>,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    await followOnce(options, signal);
    if (!signal.aborted) options.life.logger.warn('the log lost its tail; folding anew');
  }
};
