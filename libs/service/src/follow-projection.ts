/** Keeps a projection equal to the log: folded to the end, then event by event as they come. */
import { decodeEvent, type RecordedEvent } from '@flyball/contracts';
import {
  type EventLog,
  loadSnapshot,
  type Snapshot,
  type SnapshotKey,
  type StoredMessage,
  storeSnapshot,
} from '@flyball/event-log';
import type { Life } from './life.ts';

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
  seq: number;
  eventId: string;
  sinceSnapshot: number;
}

const newFold = <State>(projection: Projection<State, unknown>): Fold<State> => ({
  state: projection.initialState(),
  seq: 0,
  eventId: '',
  sinceSnapshot: 0,
});

const lastToken = (subject: string): string => subject.slice(subject.lastIndexOf('.') + 1);

const foldMessage = <State, Change>(
  { projection, life }: FollowOptions<State, Change>,
  fold: Fold<State>,
  message: StoredMessage,
): Change | undefined => {
  fold.seq = message.seq;
  fold.eventId = message.id;
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
const isUsable = async (log: EventLog, version: number, snapshot: Snapshot): Promise<boolean> => {
  const state = await log.events.state();
  if (snapshot.algorithm !== version) return false;
  if (snapshot.streamCreatedAt !== state.createdAt || snapshot.seq > state.lastSeq) return false;
  const stored = await log.events.at(snapshot.seq);
  return stored === undefined || stored.id === snapshot.eventId;
};

const openFold = async <State, Change>(
  options: FollowOptions<State, Change>,
): Promise<Fold<State>> => {
  const { log, life, projection } = options;
  const loaded = await loadSnapshot(log.snapshots, options.snapshotKey);
  if (loaded.kind !== 'found') return newFold(projection);
  if (!(await isUsable(log, projection.version, loaded.snapshot))) {
    life.logger.warn({ seq: loaded.snapshot.seq }, 'the snapshot is of another log; folding anew');
    return newFold(projection);
  }
  const { seq, eventId, state } = loaded.snapshot;
  return { state: state as State, seq, eventId, sinceSnapshot: 0 };
};

const keepSnapshot = async <State, Change>(
  { log, life, snapshotKey, projection }: FollowOptions<State, Change>,
  fold: Fold<State>,
): Promise<void> => {
  if (fold.seq === 0) return;
  const { seq, eventId, state } = fold;
  fold.sinceSnapshot = 0;
  try {
    const { createdAt: streamCreatedAt } = await log.events.state();
    const algorithm = projection.version;
    const snapshot = { streamCreatedAt, seq, eventId, algorithm, state };
    await storeSnapshot(log.snapshots, snapshotKey, snapshot);
  } catch (error) {
    // Only a short cut is missing then: the next start folds a little more.
    life.logger.warn({ err: error }, 'could not store the snapshot');
  }
};

/** Has the log lost its tail (or been made anew) since the fold was read? */
const wasTruncated = async (log: EventLog, seq: number, eventId: string): Promise<boolean> => {
  const { lastSeq } = await log.events.state();
  if (lastSeq < seq) return true;
  const stored = seq === 0 ? undefined : await log.events.at(seq);
  return stored !== undefined && stored.id !== eventId;
};

/** Follows until the signal aborts, or until the log turns out to be another one. */
const followOnce = async <State, Change>(
  options: FollowOptions<State, Change>,
  signal: AbortSignal,
): Promise<void> => {
  const { log, filter } = options;
  const fold = await openFold(options);
  const again = new AbortController();
  const from = () => ({
    filter,
    afterSeq: fold.seq,
    signal: AbortSignal.any([signal, again.signal]),
  });
  for await (const messages of log.events.readToEnd(from())) {
    for (const message of messages) foldMessage(options, fold, message);
  }
  if (signal.aborted) return;
  options.onCaughtUp(fold.state);
  const onResume = (): void => {
    const { seq, eventId } = fold;
    wasTruncated(log, seq, eventId).then(
      (truncated) => truncated && again.abort(),
      () => undefined,
    );
  };
  for await (const messages of log.events.read({ ...from(), onResume })) {
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
