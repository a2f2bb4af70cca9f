/** One life of an effectful stage's state: folded to the end, then live, until discarded. */
import { decodeEvent, type FlyballEvent, type RecordedEvent } from '@flyball/contracts';
import { step } from '@flyball/domain';
import type { StoredMessage } from '@flyball/event-log';
import type { LiveState, ShellInput } from './effectful-stage.ts';
import { fenceAfter } from './fences.ts';
import type { FollowStageOptions } from './follow-stage-options.ts';
import { openState } from './open-state.ts';
import { furtherOf, type LogLoss } from './position-check.ts';
import type { LeftState } from './recover.ts';
import {
  beginRun,
  leaveState,
  noteRead,
  noteStored,
  putBrokenAside,
  putCorruptAside,
  type RunBefore,
  readRun,
  type StageRun,
  storeSnapshot,
} from './stage-run.ts';
import { noteTaken, type TellWritten } from './stored-now.ts';
import { isUnread } from './unread.ts';

/** What it works with, whatever goes in and out. */
interface Followed<State> extends StageRun<State> {
  end: 'fenced' | 'lost' | 'broken-input' | 'refold' | undefined;
  loss: LogLoss | undefined;
}

export interface Follower<State, Input extends ShellInput, Event extends FlyballEvent, Command>
  extends Followed<State> {
  readonly options: FollowStageOptions<State, Input, Event, Command>;
  readonly liveState: LiveState<State, Input>;
}

const discard = <State>(
  follower: Followed<State>,
  end: NonNullable<Followed<State>['end']>,
): void => {
  follower.end ??= end;
  follower.stop.abort();
};

const send = async <S, E extends FlyballEvent>(
  follower: Followed<S>,
  event: E,
  tell: TellWritten<E> | undefined,
): Promise<void> => {
  const { told, writer, stop, options } = follower;
  told.add(event.id);
  try {
    const written = await writer.append(event);
    if (written.kind === 'stored') {
      noteStored(follower, written.seq, event.id);
      tell?.(event, written);
      return;
    }
    options.logger.warn({ id: event.id, kind: written.kind }, 'a rival wrote');
    discard(follower, 'fenced');
  } catch (error) {
    follower.failure ??= error;
    stop.abort();
  }
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
    if (stage.isCommand(output)) follower.options.onCommand?.(output, follower.liveState);
    else void send(follower, output as E, tell);
  }
  follower.options.onChanged?.(follower.liveState);
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
  if (follower.isLive) follower.options.onChanged?.(follower.liveState);
};

const takeEvent = <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
  message: StoredMessage,
  event: RecordedEvent,
): void => {
  const { stage } = follower.options;
  if (stage.ownPens.includes(event.pen)) takeOwn(follower, message, event);
  else if (follower.isLive) turn(follower, event);
  else follower.state = stage.stage.evolve(follower.state, event);
};

const takeMessage = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
  message: StoredMessage,
): Promise<void> => {
  const { stage, partitionCount } = follower.options;
  if (isUnread(stage, follower.told, message)) return noteRead(follower, message);
  const decoded = decodeEvent(message.body, message.subject, message.seq, partitionCount);
  if (!decoded.ok) {
    await putCorruptAside(follower, message, decoded.reason);
  } else if (!follower.broken.has(message.seq)) {
    try {
      takeEvent(follower, message, decoded.event);
    } catch (error) {
      discard(follower, 'broken-input');
      await putBrokenAside(follower, message, error);
      return;
    }
  }
  noteRead(follower, message);
};

/** Only of a state that is live and whole; else nothing. */
export const takeSnapshot = async <State>(run: StageRun<State>): Promise<void> => {
  const { writer, options, stop, check } = run;
  // The outside feeds in between: what is under way again must be waited for again.
  while (writer.pending() > 0) await writer.settled();
  const usable = run.isLive && run.failure === undefined && !stop.signal.aborted;
  const connection = check.standing();
  if (usable && options.isOwner() && connection !== undefined) storeSnapshot(run, connection);
};

/**
 * Leaves what a snapshot would hold: nothing that waits for an answer, which this tenure no longer
 * takes.
 */
export const leave = <State>(follower: Followed<State>): void => {
  const { writer, options, stop } = follower;
  const isWhole = follower.failure === undefined && !stop.signal.aborted && writer.pending() === 0;
  // A loss is told again until the log knows it: only the stored snapshot shows it once more.
  if (!isWhole || follower.loss !== undefined) return;
  stop.abort();
  const { stage, partition } = options;
  const state = stage.fromSnapshot(stage.toSnapshot(follower.state), partition);
  if (state !== undefined) leaveState(follower, state);
};

/** Reads and turns until its tenure ends, or the state is discarded; rejects with what failed. */
export const readOn = <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
): Promise<void> =>
  readRun(follower, {
    take: (message) => takeMessage(follower, message),
    onLive: () => follower.options.onLive(follower.liveState, follower.loss),
    takeSnapshot: () => takeSnapshot(follower),
    onRefold: () => discard(follower, 'refold'),
  });

/** Recovers, knowing the loss that is still to be told; throws OutsideError. */
export const beginFollower = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  options: FollowStageOptions<S, I, E, C>,
  before: RunBefore & { readonly loss: LogLoss | undefined },
  left: LeftState<S> | undefined,
): Promise<Follower<S, I, E, C>> => {
  const opened = await openState(options, left, {
    position: () => furtherOf(follower.position, follower.ownPosition),
    onLost: (loss) => {
      follower.loss = loss;
      discard(follower, 'lost');
    },
  });
  const run = beginRun(options, opened, before);
  const { from } = opened.recovered;
  const follower: Follower<S, I, E, C> = {
    ...{ options, ...run },
    liveState: {
      state: () => follower.state,
      feed: (input) => turn(follower, input),
      signal: run.signal,
      throughSeq: () => follower.position.seq,
    },
    end: undefined,
    loss: from.kind === 'lost' ? from : before.loss,
  };
  return follower;
};
