/** One life of an effectful stage's state: folded to the end, then live, until discarded. */
import { decodeEvent, type FlyballEvent, type RecordedEvent } from '@flyball/contracts';
import { step } from '@flyball/domain';
import type { Position, StoredMessage } from '@flyball/event-log';
import { putAside } from './dead-letters.ts';
import type { ShellInput, Tenure } from './effectful-stage.ts';
import { fenceAfter } from './fences.ts';
import type { FollowStageOptions } from './follow-options.ts';
import { openState } from './open-state.ts';
import { furtherOf, type LogLoss, type PositionCheck } from './position-check.ts';
import { readPartition } from './read-partition.ts';
import type { LeftState } from './recover.ts';
import { type RecoveryFacts, recoveryFacts } from './recovery-facts.ts';
import type { Snapshotter } from './snapshotter.ts';
import { noteTaken, type TellWritten } from './stored-now.ts';
import { isUnread } from './unread.ts';
import type { Writer } from './writer.ts';

/** What it works with. */
export interface Follower<State, Input extends ShellInput, Event extends FlyballEvent, Command> {
  readonly options: FollowStageOptions<State, Input, Event, Command>;
  readonly writer: Writer;
  readonly check: PositionCheck;
  readonly snapshotter: Snapshotter;
  readonly stop: AbortController;
  readonly tenure: Tenure<State, Input>;
  /** Ids that were appended here: when they come by the log they are folded already. */
  readonly told: Set<string>;
  /** Messages on which the stage threw: put aside, and passed by from then on. */
  readonly broken: Set<number>;
  readonly refoldId: string;
  state: State;
  position: Position;
  /** The furthest fact that was told here and is in the log: folded before it comes. */
  ownPosition: Position;
  readonly endSeq: number;
  live: boolean;
  /** How its state came about, and what has been read since. */
  readonly from: RecoveryFacts['from'];
  messages: number;
  /** When it began to wait for its turn, monotonic. */
  readonly startedMs: number;
  end: 'fenced' | 'lost' | 'broken-input' | 'refold' | undefined;
  loss: LogLoss | undefined;
  failure: unknown;
  /** Others of this process may recover from then on. */
  endTurn: () => void;
}

const send = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
  event: E,
  tell: TellWritten<E> | undefined,
): Promise<void> => {
  const { told, writer, stop, options } = follower;
  told.add(event.id);
  try {
    const written = await writer.append(event);
    if (written.kind === 'stored') {
      const { streamCreatedAt } = follower.position;
      const at = { streamCreatedAt, seq: written.seq, eventId: event.id };
      follower.ownPosition = furtherOf(follower.ownPosition, at);
      tell?.(event, written);
      return;
    }
    options.logger.warn({ id: event.id, kind: written.kind }, 'a rival wrote');
    follower.end ??= 'fenced';
  } catch (error) {
    follower.failure ??= error;
  }
  stop.abort();
};

const turn = <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
  input: RecordedEvent | I,
): number => {
  const { stage, clock, metrics } = follower.options;
  if (follower.stop.signal.aborted) return 0;
  const startedMs = clock.monotonicMs();
  const tell = noteTaken<E, RecordedEvent | I>(follower.options, input);
  const stepped = step(stage.stage, follower.state, input);
  follower.state = stepped.state;
  for (const output of stepped.outputs) {
    if (stage.isCommand(output)) follower.options.onCommand?.(output, follower.tenure);
    else void send(follower, output as E, tell);
  }
  follower.options.onChanged?.(follower.tenure);
  metrics.inputSeconds.observe((clock.monotonicMs() - startedMs) / 1_000);
  return stepped.outputs.length;
};

/** Own facts of an earlier owner are folded where they stand; our own were folded when told. */
const takeOwn = <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
  message: StoredMessage,
  event: RecordedEvent,
): void => {
  const folded = follower.writer.fence(message.subject)?.seq ?? 0;
  if (message.seq <= folded) return;
  follower.writer.note(message.subject, fenceAfter(message));
  follower.state = follower.options.stage.stage.evolve(follower.state, event);
  if (follower.live) follower.options.onChanged?.(follower.tenure);
};

const takeEvent = <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
  message: StoredMessage,
  event: RecordedEvent,
): void => {
  const { stage } = follower.options;
  if (stage.ownPens.includes(event.pen)) takeOwn(follower, message, event);
  else if (follower.live) turn(follower, event);
  else follower.state = stage.stage.evolve(follower.state, event);
};

/** The state may be half changed by it: it is made anew, without this message. */
const putBrokenAside = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  { options, broken, refoldId }: Follower<S, I, E, C>,
  message: StoredMessage,
  error: unknown,
): Promise<void> => {
  broken.add(message.seq);
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  await putAside({ ...options, refoldId }, message, 'STAGE_THREW', why);
};

const notePosition = <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
  message: StoredMessage,
): void => {
  const { metrics, partition } = follower.options;
  const { streamCreatedAt } = follower.position;
  follower.position = { streamCreatedAt, seq: message.seq, eventId: message.id };
  follower.messages += 1;
  metrics.inputs.inc({ partition });
};

const takeMessage = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
  message: StoredMessage,
): Promise<void> => {
  const { options, refoldId } = follower;
  if (isUnread(options.stage, follower.told, message)) return notePosition(follower, message);
  const decoded = decodeEvent(message.body, message.subject, message.seq, options.partitionCount);
  if (!decoded.ok) {
    follower.writer.note(message.subject, fenceAfter(message));
    await putAside({ ...options, refoldId }, message, 'LOG_CORRUPT', decoded.reason);
  } else if (!follower.broken.has(message.seq)) {
    try {
      takeEvent(follower, message, decoded.event);
    } catch (error) {
      follower.end ??= 'broken-input';
      follower.stop.abort();
      return putBrokenAside(follower, message, error);
    }
  }
  notePosition(follower, message);
};

const goLive = <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
): void => {
  if (follower.live || follower.position.seq < follower.endSeq) return;
  follower.live = true;
  follower.endTurn();
  const { partition, logger, onLive, clock, metrics } = follower.options;
  const tookMs = clock.monotonicMs() - follower.startedMs;
  metrics.recoverySeconds.observe(tookMs / 1_000);
  const throughSeq = follower.position.seq;
  logger.info({ partition, throughSeq, tookMs: Math.round(tookMs) }, 'live');
  follower.options.onRecovered?.(recoveryFacts(clock, follower));
  onLive(follower.tenure, follower.loss);
};

/** Only of a state that is live and whole; else nothing. */
export const takeSnapshot = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
): Promise<void> => {
  const { writer, options, stop, snapshotter, check } = follower;
  // The outside feeds in between: what is under way again must be waited for again.
  while (writer.pending() > 0) await writer.settled();
  const usable = follower.live && follower.failure === undefined && !stop.signal.aborted;
  const connection = check.standing();
  if (!usable || !options.isOwner() || connection === undefined) return;
  const { seq, eventId } = follower.position;
  const state = { state: options.stage.toSnapshot(follower.state), fences: writer.fences(seq) };
  snapshotter.store({ seq, eventId, state, connection });
};

/**
 * What the next tenure of this process may go on with: the lease may only have run out. It is what
 * a snapshot would hold: nothing that waits for an answer, which this tenure no longer takes.
 */
export const leave = <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
): void => {
  const { writer, options, stop, position, refoldId } = follower;
  const isWhole = follower.failure === undefined && !stop.signal.aborted && writer.pending() === 0;
  // A loss is told again until the log knows it: only the stored snapshot shows it once more.
  if (!isWhole || follower.loss !== undefined) return;
  stop.abort();
  const { stage, partition, recovery } = options;
  const state = stage.fromSnapshot(stage.toSnapshot(follower.state), partition);
  if (state === undefined) return;
  recovery?.leave({ state, position, refoldId, fences: writer.fences(position.seq) });
};

/** A snapshot, unless the state is to be made anew. */
const keepOrRefold = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
): Promise<void> => {
  if (!(await follower.snapshotter.isRefoldAsked())) return takeSnapshot(follower);
  follower.end ??= 'refold';
  follower.stop.abort();
};

const endLost = <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
  loss: LogLoss,
): void => {
  follower.end ??= 'lost';
  follower.loss = loss;
  follower.stop.abort();
};

/** Reads and turns until its tenure ends. */
export const readOn = <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
): Promise<void> =>
  readPartition({
    options: follower.options,
    signal: follower.tenure.signal,
    writer: follower.writer,
    check: follower.check,
    position: () => follower.position,
    take: (message) => takeMessage(follower, message),
    onTaken: () => goLive(follower),
    onBatch: async () => {
      const isDue = follower.snapshotter.due(follower.position.seq);
      if (!follower.stop.signal.aborted && isDue) await keepOrRefold(follower);
    },
  });

/** Recovers; throws OutsideError. */
export const beginFollower = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  options: FollowStageOptions<S, I, E, C>,
  before: Pick<Follower<S, I, E, C>, 'broken' | 'loss' | 'startedMs'>,
  left: LeftState<S> | undefined,
): Promise<Follower<S, I, E, C>> => {
  const { recovered, ...opened } = await openState(options, left, {
    position: () => furtherOf(follower.position, follower.ownPosition),
    onLost: (loss) => endLost(follower, loss),
  });
  const { state, position, refoldId, from } = recovered;
  const stop = new AbortController();
  const follower: Follower<S, I, E, C> = {
    ...{ ...before, options, ...opened, state, position, refoldId, stop },
    ownPosition: position,
    tenure: {
      state: () => follower.state,
      feed: (input) => turn(follower, input),
      signal: AbortSignal.any([options.signal, stop.signal]),
      throughSeq: () => follower.position.seq,
    },
    told: new Set(),
    from: from.kind,
    ...{ live: false, messages: 0 },
    end: undefined,
    loss: from.kind === 'lost' ? from : before.loss,
    failure: undefined,
    endTurn: () => undefined,
  };
  return follower;
};
