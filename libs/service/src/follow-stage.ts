/** The loop of an effectful stage: fold to the end, then live; own facts are folded when told. */
import {
  decodeEvent,
  type FlyballEvent,
  type OutsideError,
  partitionFilter,
  type RecordedEvent,
} from '@flyball/contracts';
import { step } from '@flyball/domain';
import {
  classifyPosition,
  type EventLog,
  type Position,
  type PositionVerdict,
  type StoredMessage,
} from '@flyball/event-log';
import type { Logger } from 'pino';
import { type Clock, sleep } from './clock.ts';
import { putAside } from './dead-letters.ts';
import type { EffectfulStage, ShellInput, Tenure } from './effectful-stage.ts';
import { fenceAfter } from './fences.ts';
import { recover } from './recover.ts';
import { retryOutside, retryPauseMs } from './retry.ts';
import { createSnapshotter, type Snapshotter } from './snapshotter.ts';
import type { StageMetrics } from './stage-metrics.ts';
import { openWriter, type Writer } from './writer.ts';

/** Appends under way before the next message of the log waits for them. */
const appendsInFlightMax = 512;

/** What of the log this stage had read and is no longer there. */
export interface LogLoss {
  readonly verdict: PositionVerdict;
  readonly expected: Position;
}

export interface FollowStageOptions<
  State,
  Input extends ShellInput,
  Event extends FlyballEvent,
  Command,
> {
  readonly log: EventLog;
  readonly stage: EffectfulStage<State, Input, Event, Command>;
  readonly partition: number;
  readonly signal: AbortSignal;
  /** Still the owner? Without it nothing is commanded and no snapshot is written. */
  readonly isOwner: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StageMetrics;
  /** The state is that of the log's end: start to observe. Told again after each refold. */
  readonly onLive: (tenure: Tenure<State, Input>, loss: LogLoss | undefined) => void;
  /** Carries a command out; must not throw. */
  readonly onCommand?: (command: Command, tenure: Tenure<State, Input>) => void;
}

interface Follower<State, Input extends ShellInput, Event extends FlyballEvent, Command> {
  readonly options: FollowStageOptions<State, Input, Event, Command>;
  readonly writer: Writer;
  readonly snapshotter: Snapshotter;
  readonly stop: AbortController;
  readonly tenure: Tenure<State, Input>;
  /** Ids that were appended here: when they come by the log they are folded already. */
  readonly told: Set<string>;
  state: State;
  position: Position;
  readonly endSeq: number;
  live: boolean;
  end: 'fenced' | 'lost' | undefined;
  loss: LogLoss | undefined;
  failure: unknown;
}

const send = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
  event: E,
): Promise<void> => {
  const { told, writer, stop, options } = follower;
  told.add(event.id);
  try {
    const written = await writer.append(event);
    if (written.kind === 'stored') return;
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
  const { stage } = follower.options;
  if (follower.stop.signal.aborted) return 0;
  const stepped = step(stage.stage, follower.state, input);
  follower.state = stepped.state;
  for (const output of stepped.outputs) {
    if (stage.isCommand(output)) follower.options.onCommand?.(output, follower.tenure);
    else void send(follower, output as E);
  }
  return stepped.outputs.length;
};

/** Own facts of an earlier owner are folded where they stand; our own were folded when told. */
const takeOwn = <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
  message: StoredMessage,
  event: RecordedEvent,
): void => {
  const folded = follower.writer.fence(message.subject)?.seq ?? 0;
  if (follower.told.delete(event.id) || message.seq <= folded) return;
  follower.writer.note(message.subject, fenceAfter(message));
  follower.state = follower.options.stage.stage.evolve(follower.state, event);
};

const takeMessage = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
  message: StoredMessage,
): Promise<void> => {
  const { options } = follower;
  const { stage } = options;
  const decoded = decodeEvent(message.body, message.subject, message.seq);
  if (!decoded.ok) {
    follower.writer.note(message.subject, fenceAfter(message));
    await putAside(options, message, 'LOG_CORRUPT', decoded.reason);
  } else if (stage.ownPens.includes(decoded.event.pen)) {
    takeOwn(follower, message, decoded.event);
  } else if (follower.live) {
    turn(follower, decoded.event);
  } else {
    follower.state = stage.stage.evolve(follower.state, decoded.event);
  }
  const { streamCreatedAt } = follower.position;
  follower.position = { streamCreatedAt, seq: message.seq, eventId: message.id };
  options.metrics.inputs.inc({ partition: options.partition });
};

const goLive = <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
): void => {
  if (follower.live || follower.position.seq < follower.endSeq) return;
  follower.live = true;
  const { partition, logger, onLive } = follower.options;
  logger.info({ partition, throughSeq: follower.position.seq }, 'live');
  onLive(follower.tenure, follower.loss);
};

const takeSnapshot = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
): Promise<void> => {
  const { writer, options, stop, snapshotter } = follower;
  await writer.settled();
  const usable = follower.live && follower.failure === undefined && !stop.signal.aborted;
  if (!usable || !options.isOwner()) return;
  const { seq, eventId } = follower.position;
  const state = { state: options.stage.toSnapshot(follower.state), fences: writer.fences() };
  snapshotter.store({ seq, eventId, state });
};

/** A log that came back without its tail would give the same sequences to other messages. */
const checkLog = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
): Promise<void> => {
  const { events } = follower.options.log;
  const expected = follower.position;
  const state = await events.state();
  const message = expected.seq === 0 ? undefined : await events.at(expected.seq);
  const verdict = classifyPosition(state, expected, message);
  if (verdict.kind === 'ok') return;
  follower.end ??= 'lost';
  follower.loss = { verdict, expected };
  follower.stop.abort();
};

const readOn = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  follower: Follower<S, I, E, C>,
): Promise<void> => {
  const { options, stop, tenure } = follower;
  const { log, partition, metrics, logger, clock } = options;
  goLive(follower);
  const batches = log.events.read({
    filter: partitionFilter(partition),
    afterSeq: follower.position.seq,
    signal: tenure.signal,
    onResume: () => {
      metrics.readerResumes.inc();
      checkLog(follower).catch((error: unknown) =>
        logger.warn({ err: error, partition }, 'could not look whether the log is whole'),
      );
    },
  });
  for await (const batch of batches) {
    for (const message of batch) {
      if (tenure.signal.aborted) return;
      await takeMessage(follower, message);
      if (follower.writer.pending() > appendsInFlightMax) await follower.writer.settled();
      goLive(follower);
    }
    const ageMs = clock.nowMs() - (batch.at(-1)?.storedAtMs ?? 0);
    metrics.lagSeconds.set({ partition }, Math.max(0, ageMs) / 1_000);
    if (!stop.signal.aborted && follower.snapshotter.due(follower.position.seq)) {
      await takeSnapshot(follower);
    }
  }
};

const begin = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  options: FollowStageOptions<S, I, E, C>,
  lossBefore: LogLoss | undefined,
): Promise<Follower<S, I, E, C>> => {
  const { log, stage, partition, clock, signal, metrics, logger } = options;
  const recovered = await recover({
    log,
    stage: stage.stage.name,
    partition,
    snapshotVersion: stage.snapshotVersion,
    fromSnapshot: stage.fromSnapshot,
    initialState: (number) => stage.stage.initialState(number),
  });
  const { from, position, fences } = recovered;
  logger.info({ partition, from, afterSeq: position.seq }, 'recovering');
  const stop = new AbortController();
  const writer = openWriter({
    stream: log.events,
    fences,
    clock,
    signal,
    onAppend: (pen, result, durationMs) => {
      metrics.outputs.inc({ type: pen, result });
      metrics.appendSeconds.observe({ pen }, durationMs / 1_000);
    },
    onRetry: (error) => metrics.retries.inc({ code: error.code }),
  });
  const follower: Follower<S, I, E, C> = {
    options,
    writer,
    snapshotter: createSnapshotter(options, position),
    stop,
    tenure: {
      state: () => follower.state,
      feed: (input) => turn(follower, input),
      signal: AbortSignal.any([signal, stop.signal]),
      throughSeq: () => follower.position.seq,
    },
    told: new Set(),
    state: recovered.state,
    position,
    endSeq: (await log.events.last(partitionFilter(partition)))?.seq ?? 0,
    live: false,
    end: undefined,
    loss: from.kind === 'lost' ? from : lossBefore,
    failure: undefined,
  };
  return follower;
};

/**
 * Runs one partition of an effectful stage until the signal aborts. When a rival wrote, the state
 * is discarded and folded anew, and `onLive` is told again. Rejects with what no retry can mend.
 */
export const followStage = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  options: FollowStageOptions<S, I, E, C>,
): Promise<void> => {
  const { clock, signal, metrics } = options;
  const onRetry = (error: OutsideError) => metrics.retries.inc({ code: error.code });
  let reason = 'start';
  let loss: LogLoss | undefined;
  while (!signal.aborted) {
    metrics.recoveries.inc({ reason });
    const known = loss;
    const follower = await retryOutside(() => begin(options, known), { clock, signal, onRetry });
    await readOn(follower);
    await follower.writer.settled();
    if (follower.failure !== undefined && !signal.aborted) throw follower.failure;
    await takeSnapshot(follower);
    await follower.snapshotter.settled();
    if (signal.aborted) return;
    reason = follower.end ?? 'ended';
    loss = follower.end === 'lost' ? follower.loss : undefined;
    await sleep(clock, retryPauseMs(1), signal);
  }
};
