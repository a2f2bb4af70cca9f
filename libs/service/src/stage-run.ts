/** One run of the state of a stage, in either loop: recovered, read on, ended or discarded. */
import type { OutsideError } from '@flyball/contracts';
import type { Position, StoredMessage } from '@flyball/event-log';
import { putAside } from './dead-letters.ts';
import { fenceAfter } from './fences.ts';
import type { OpenedState } from './open-state.ts';
import { furtherOf, overOneConnection } from './position-check.ts';
import { readPartition } from './read-partition.ts';
import type { LeftState } from './recover.ts';
import { type RecoveryFacts, recoveryFacts } from './recovery-facts.ts';
import { loneRecovery, recoverInTurn } from './recovery-turns.ts';
import { retryOutside } from './retry.ts';
import type { StageLoopOptions } from './stage-loop-options.ts';

export interface StageRun<State> extends Omit<OpenedState<State>, 'recovered'> {
  readonly options: StageLoopOptions<State>;
  /** Discards the state. */
  readonly stop: AbortController;
  /** Aborts when the state is discarded, and when the loop is to end. */
  readonly signal: AbortSignal;
  /** Ids that were appended here: when they come by the log they are folded already. */
  readonly told: Set<string>;
  /** Seqs on which the stage threw: put aside, and passed by from then on. */
  readonly broken: Set<number>;
  readonly refoldId: string;
  state: State;
  position: Position;
  /** The furthest of the own outputs that are in the log: the state holds them before they come. */
  ownPosition: Position;
  /** The state has caught up with what was in the log when it began. */
  isLive: boolean;
  /** How the state came about, and what has been read since. */
  readonly from: RecoveryFacts['from'];
  messages: number;
  /** When it began to wait for its turn, monotonic. */
  readonly startedMs: number;
  /** What no retry could mend. */
  failure: unknown;
  /** Others of this process may recover from then on. */
  endTurn: () => void;
}

/** What a run goes on with from the one before it. */
export type RunBefore = Pick<StageRun<unknown>, 'broken' | 'startedMs'>;

/** The beginning of a run, all but what is of one loop only. */
export const beginRun = <State>(
  options: StageLoopOptions<State>,
  { recovered, ...opened }: OpenedState<State>,
  { broken, startedMs }: RunBefore,
): Omit<StageRun<State>, 'options'> => {
  const { state, position, refoldId, from } = recovered;
  const stop = new AbortController();
  return {
    ...{ ...opened, state, position, refoldId, broken, startedMs, stop },
    signal: AbortSignal.any([options.signal, stop.signal]),
    ownPosition: position,
    told: new Set(),
    from: from.kind,
    ...{ isLive: false, messages: 0, failure: undefined },
    endTurn: () => undefined,
  };
};

/**
 * Recovers when it is its turn, over one connection, as often as it takes; undefined when the
 * signal aborted before. Throws what no retry can mend.
 */
export const recoverRun = async <State, Run extends StageRun<State>>(
  options: StageLoopOptions<State>,
  begin: (left: LeftState<State> | undefined, startedMs: number) => Promise<Run>,
): Promise<Run | undefined> => {
  const { log, clock, signal, metrics, recovery = loneRecovery } = options;
  const startedMs = clock.monotonicMs();
  const onRetry = (error: OutsideError) => metrics.retries.inc({ code: error.code });
  const recovering = await recoverInTurn(recovery, signal, (left) => {
    const once = () => overOneConnection(log, () => begin(left, startedMs));
    return retryOutside(once, { clock, signal, onRetry });
  });
  if (recovering === undefined) return undefined;
  const { begun, endTurn } = recovering;
  begun.endTurn = endTurn;
  return begun;
};

/** The message was read, whatever came of it. */
export const noteRead = <State>(run: StageRun<State>, { seq, id }: StoredMessage): void => {
  const { metrics, partition } = run.options;
  const { streamCreatedAt } = run.position;
  run.position = { streamCreatedAt, seq, eventId: id };
  run.messages += 1;
  metrics.inputs.inc({ partition });
};

/** An own output is in the log. */
export const noteStored = <State>(run: StageRun<State>, seq: number, eventId: string): void => {
  const { streamCreatedAt } = run.position;
  run.ownPosition = furtherOf(run.ownPosition, { streamCreatedAt, seq, eventId });
};

/** It cannot be read; what is written to its subject comes after it all the same. */
export const putCorruptAside = async <State>(
  { options, refoldId, writer }: StageRun<State>,
  message: StoredMessage,
  reason: string,
): Promise<void> => {
  writer.note(message.subject, fenceAfter(message));
  await putAside({ ...options, refoldId }, message, 'LOG_CORRUPT', reason);
};

/** The state may be half changed by it, and is to be made anew without it. Gives why. */
export const putBrokenAside = async <State>(
  { options, refoldId, broken }: StageRun<State>,
  message: StoredMessage,
  error: unknown,
): Promise<string> => {
  broken.add(message.seq);
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  await putAside({ ...options, refoldId }, message, 'STAGE_THREW', why);
  return why;
};

/** What the stage says of its state now, to be written beside the work. */
export const storeSnapshot = <State>(run: StageRun<State>, connection: number): void => {
  const { seq, eventId } = run.position;
  const state = run.options.stage.toSnapshot(run.state);
  const fences = run.writer.fences(seq);
  run.snapshotter.store({ seq, eventId, state: { state, fences }, connection });
};

/** What the next tenure of this process may go on with: the lease may only have run out. */
export const leaveState = <State>(
  { options, writer, position, refoldId }: StageRun<State>,
  state: State,
): void =>
  options.recovery?.leave({ state, position, refoldId, fences: writer.fences(position.seq) });

/** True once: when the state has caught up. */
const beginLive = <State>(run: StageRun<State>): boolean => {
  if (run.isLive || run.position.seq < run.endSeq) return false;
  run.isLive = true;
  run.endTurn();
  const { partition, logger, clock, metrics, onRecovered } = run.options;
  const tookMs = clock.monotonicMs() - run.startedMs;
  metrics.recoverySeconds.observe(tookMs / 1_000);
  const throughSeq = run.position.seq;
  logger.info({ partition, throughSeq, tookMs: Math.round(tookMs) }, 'live');
  onRecovered?.(recoveryFacts(clock, run));
  return true;
};

/** What the two loops do each in its own way. */
export interface RunSteps {
  readonly take: (message: StoredMessage) => Promise<void>;
  /** Once, when the state has caught up. */
  readonly onLive: () => void;
  readonly takeSnapshot: () => Promise<void>;
  /** An operator wants what was put aside to be read again: the state is to be discarded. */
  readonly onRefold: () => void;
}

/**
 * Reads until the signal of the run aborts, and until what was appended is answered. Rejects with
 * what failed, unless the loop is to end anyway.
 */
export const readRun = async <State>(
  run: StageRun<State>,
  { take, onLive, takeSnapshot, onRefold }: RunSteps,
): Promise<void> => {
  const { options, signal, stop, writer, check, snapshotter } = run;
  const reading = readPartition({
    ...{ options, signal, writer, check, take },
    position: () => run.position,
    onTaken: () => {
      if (beginLive(run)) onLive();
    },
    onBatch: async () => {
      if (stop.signal.aborted || !snapshotter.due(run.position.seq)) return;
      if (await snapshotter.isRefoldAsked()) onRefold();
      else await takeSnapshot();
    },
  });
  await reading.finally(() => run.endTurn());
  await writer.settled();
  if (run.failure !== undefined && !options.signal.aborted) throw run.failure;
};
