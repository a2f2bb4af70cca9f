/** Keeps a projection equal to the log: folded to the end, then event by event as they come. */
import {
  allWorkloadsFilter,
  decodeEvent,
  parseSubject,
  type RecordedEvent,
} from '@flyball/contracts';
import {
  type EventLog,
  loadSnapshot,
  type Position,
  type SnapshotKey,
  type StoredMessage,
  storeSnapshot,
} from '@flyball/event-log';
import { z } from 'zod';
import { sleep } from './clock.ts';
import { appendDeadLetter, brokenInputsMax } from './dead-letters.ts';
import type { Life } from './life.ts';
import { createPositionCheck, lossAt, type PositionCheck } from './position-check.ts';
import { projectionMetricsOf, projectionReading } from './projection-metrics.ts';
import { isRefoldAsked, lastRefoldId, type RefoldKey } from './refold.ts';

const snapshotEveryMessages = 5_000;
const refoldCheckEveryMs = 30_000;

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

export interface ProjectionOptions<State, Change> {
  readonly log: EventLog;
  readonly life: Life;
  readonly filter: string;
  /** Of the log; with it, events of other partitions' workloads are put aside. */
  readonly partitionCount?: number;
  readonly snapshotKey: SnapshotKey;
  readonly projection: Projection<State, Change>;
  /** The fold has reached the end; called again when the log turned out to be another one. */
  readonly onCaughtUp: (state: State) => void;
  readonly onChanged: (state: State, change: Change) => void;
}

interface Fold<State> {
  state: State;
  position: Position;
  /** The request to fold anew that this state was folded after; empty for none. */
  readonly refoldId: string;
  sinceSnapshot: number;
  /** When it was last looked whether a refold is asked, monotonic. */
  checkedMs: number;
}

interface Following<State, Change> {
  readonly options: ProjectionOptions<State, Change>;
  readonly fold: Fold<State>;
  readonly check: PositionCheck;
  /** What it threw on is passed by for as long as the process lives. */
  readonly broken: Set<number>;
  /** Aborts, with the reason, when the state is to be made anew. */
  readonly again: AbortController;
  /** Of `again` and of who asked for all this. */
  readonly signal: AbortSignal;
}

/** What is stored: the state, and what it was folded after. */
const storedSchema = z.strictObject({ state: z.unknown(), refoldId: z.string() });

const refoldKeyOf = <State, Change>({
  log,
  filter,
  snapshotKey: { stage, partition },
}: ProjectionOptions<State, Change>): RefoldKey => ({
  log,
  stage,
  partition: filter === allWorkloadsFilter ? '*' : partition,
});

/** Told beside the work, under the name of the service: routes do not wait for a full NATS. */
const putAside = <State, Change>(
  { options, fold, signal }: Following<State, Change>,
  message: StoredMessage,
  code: string,
  reason: string,
): void => {
  const { log, life, snapshotKey } = options;
  const { seq, subject } = message;
  projectionMetricsOf(life).deadLetters.inc({ code });
  life.logger.error({ seq, subject, code, reason }, 'a message was put aside');
  const partition = parseSubject(subject)?.partition ?? 0;
  const atMs = life.clock.nowMs();
  const place = { stage: snapshotKey.stage, partition, stream: 'EVENTS', message };
  const poison = { ...place, code, reason, refoldId: fold.refoldId, atMs };
  appendDeadLetter(log.deadLetters, poison, { clock: life.clock, signal }).catch(
    (error: unknown) => {
      if (!signal.aborted) life.logger.error({ err: error, seq }, 'no dead letter was written');
    },
  );
};

const lastToken = (subject: string): string => subject.slice(subject.lastIndexOf('.') + 1);

const foldMessage = <State, Change>(
  following: Following<State, Change>,
  message: StoredMessage,
): Change | undefined => {
  const { options, fold, broken, again } = following;
  const { streamCreatedAt } = fold.position;
  fold.position = { streamCreatedAt, seq: message.seq, eventId: message.id };
  fold.sinceSnapshot += 1;
  const { projection } = options;
  if (!projection.tails.has(lastToken(message.subject)) || broken.has(message.seq))
    return undefined;
  const decoded = decodeEvent(message.body, message.subject, message.seq, options.partitionCount);
  if (!decoded.ok) {
    putAside(following, message, 'LOG_CORRUPT', decoded.reason);
    return undefined;
  }
  try {
    return projection.evolve(fold.state, decoded.event);
  } catch (error) {
    // The state may be half changed: it is made anew, without this message.
    broken.add(message.seq);
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    putAside(following, message, 'STAGE_THREW', why);
    again.abort('a message was put aside');
    return undefined;
  }
};

/** A snapshot counts only when the log still holds the very event that it ended with. */
const openFold = async <State, Change>(
  options: ProjectionOptions<State, Change>,
): Promise<Fold<State>> => {
  const { log, life, projection, snapshotKey } = options;
  const [{ createdAt }, refoldId, loaded] = await Promise.all([
    log.events.state(),
    lastRefoldId(refoldKeyOf(options)),
    loadSnapshot(log.snapshots, snapshotKey),
  ]);
  const checkedMs = life.clock.monotonicMs();
  if (loaded.kind === 'found' && loaded.snapshot.algorithm === projection.version) {
    const { streamCreatedAt, seq, eventId } = loaded.snapshot;
    const position: Position = { streamCreatedAt, seq, eventId };
    const loss = await lossAt(log.events, position);
    const stored = storedSchema.safeParse(loaded.snapshot.state);
    const isAfter = stored.success && (refoldId === '' || refoldId === stored.data.refoldId);
    if (isAfter && loss === undefined) {
      const { state, refoldId: foldedAfter } = stored.data;
      const fold = { state: state as State, position, sinceSnapshot: 0, checkedMs };
      return { ...fold, refoldId: foldedAfter };
    }
    life.logger.warn({ ...loss, refoldId }, 'the snapshot cannot be used; folding anew');
  }
  const position: Position = { streamCreatedAt: createdAt, seq: 0, eventId: '' };
  return { state: projection.initialState(), position, refoldId, sinceSnapshot: 0, checkedMs };
};

const keepSnapshot = async <State, Change>({
  options: { log, life, snapshotKey, projection },
  fold,
  check,
}: Following<State, Change>): Promise<void> => {
  const { position, state, refoldId } = fold;
  const connection = check.standing();
  if (position.seq === 0 || connection === undefined) return;
  fold.sinceSnapshot = 0;
  try {
    const stored = { state, refoldId };
    const snapshot = { ...position, algorithm: projection.version, state: stored };
    await storeSnapshot(log.snapshots, snapshotKey, snapshot, connection);
  } catch (error) {
    // Only a short cut is missing then: the next start folds a little more.
    life.logger.warn({ err: error }, 'could not store the snapshot');
  }
};

const lookForRefold = async <State, Change>({
  options,
  fold,
  broken,
  again,
}: Following<State, Change>): Promise<void> => {
  fold.checkedMs = options.life.clock.monotonicMs();
  if (!(await isRefoldAsked(refoldKeyOf(options), fold.refoldId))) return;
  broken.clear();
  again.abort('an operator asked for it');
};

/** Also while no message comes that it reads: a workload at rest says nothing for hours. */
const lookNowAndThen = async <State, Change>(
  following: Following<State, Change>,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    await sleep(following.options.life.clock, refoldCheckEveryMs, signal);
    if (!signal.aborted) await lookForRefold(following);
  }
};

/** Reads and looks until the signal aborts; the look ends with the reading, however that ends. */
const readAndLook = async <State, Change>(following: Following<State, Change>): Promise<void> => {
  const over = new AbortController();
  const signal = AbortSignal.any([following.signal, over.signal]);
  const reading = readOn(following).finally(() => over.abort());
  await Promise.all([reading, lookNowAndThen(following, signal)]);
};

const readOn = async <State, Change>(following: Following<State, Change>): Promise<void> => {
  const { options, fold, check, signal } = following;
  const { log, filter, life, snapshotKey } = options;
  const metrics = projectionReading(life, filter, snapshotKey.partition);
  const reading = { filter, afterSeq: fold.position.seq, signal, onOpen: check.opened };
  const batches = log.events.read({ ...reading, onPending: metrics.pending });
  for await (const messages of batches) {
    await check.settled();
    for (const message of messages) {
      if (signal.aborted) return;
      const change = foldMessage(following, message);
      if (change !== undefined) options.onChanged(fold.state, change);
    }
    metrics.taken(messages);
    const isDue = life.clock.monotonicMs() - fold.checkedMs >= refoldCheckEveryMs;
    if (isDue) await lookForRefold(following);
    if (signal.aborted) return;
    if (fold.sinceSnapshot >= snapshotEveryMessages) await keepSnapshot(following);
  }
};

/** Follows until the signal aborts, or until the state is to be made anew; gives the reason. */
const followOnce = async <State, Change>(
  options: ProjectionOptions<State, Change>,
  broken: Set<number>,
  ended: AbortSignal,
): Promise<unknown> => {
  const { log, filter, life } = options;
  const connection = log.connection();
  const fold = await openFold(options);
  const again = new AbortController();
  const signal = AbortSignal.any([ended, again.signal]);
  const check = createPositionCheck({
    ...{ log, stream: log.events, clock: life.clock, signal },
    position: () => fold.position,
    onLost: () => again.abort('the log lost its tail'),
  });
  const following: Following<State, Change> = { options, fold, check, broken, again, signal };
  const tail = log.events.readToEnd({ filter, afterSeq: fold.position.seq, signal });
  for await (const messages of tail) {
    for (const message of messages) {
      if (!signal.aborted) foldMessage(following, message);
    }
  }
  // What was read before and after may be of two logs, the second without the first one's tail.
  if (log.connection() !== connection) again.abort('the connection to the log was made anew');
  if (!signal.aborted) {
    options.onCaughtUp(fold.state);
    await readAndLook(following).finally(
      projectionReading(life, filter, options.snapshotKey.partition).ended,
    );
  }
  if (again.signal.aborted) return again.signal.reason;
  // An end must not wait for a server that is away.
  if (log.status() === 'connected') await keepSnapshot(following);
  return undefined;
};

/**
 * Follows the log until the signal aborts. What cannot be read, or makes the projection throw, is
 * put aside and passed by. Rejects with OutsideError, and where it throws on too much.
 */
export const followProjection = async <State, Change>(
  options: ProjectionOptions<State, Change>,
  signal: AbortSignal,
): Promise<void> => {
  const broken = new Set<number>();
  while (!signal.aborted) {
    const why = await followOnce(options, broken, signal);
    if (broken.size > brokenInputsMax) {
      throw new Error(`The projection threw on more than ${brokenInputsMax} messages.`);
    }
    if (!signal.aborted) options.life.logger.warn({ why }, 'folding anew');
  }
};
