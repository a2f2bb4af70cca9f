/** One life of a partition's state: from its recovery until it is discarded or ended. */
import {
  decodeEvent,
  type FlyballEvent,
  type OutsideError,
  type RecordedEvent,
} from '@flyball/contracts';
import { step } from '@flyball/domain';
import type { Position, StoredMessage } from '@flyball/event-log';
import { putAside } from './dead-letters.ts';
import type { DriveOptions } from './drive-options.ts';
import { fenceAfter } from './fences.ts';
import { openState } from './open-state.ts';
import {
  furtherOf,
  type LogLoss,
  overOneConnection,
  type PositionCheck,
} from './position-check.ts';
import { readPartition } from './read-partition.ts';
import {
  furthestOf,
  indexRecorded,
  type RecordedOutputs,
  readRecorded,
} from './recorded-outputs.ts';
import type { LeftState } from './recover.ts';
import { loneRecovery, recoverInTurn } from './recovery.ts';
import { type RecoveryFacts, recoveryFacts } from './recovery-facts.ts';
import { retryOutside } from './retry.ts';
import type { Snapshotter } from './snapshotter.ts';
import { noteTaken, type TellWritten } from './stored-now.ts';
import { isUnread } from './unread.ts';
import type { Writer } from './writer.ts';

export type EpochEnd =
  | { readonly kind: 'ended' }
  | { readonly kind: 'fenced'; readonly why: string; readonly inputs: number }
  | { readonly kind: 'broken-input'; readonly why: string; readonly inputs: number }
  /** An operator wants what was put aside to be read again. */
  | { readonly kind: 'refold'; readonly why: string; readonly inputs: number };

interface Epoch<State> {
  readonly options: DriveOptions<State>;
  readonly writer: Writer;
  readonly check: PositionCheck;
  readonly recorded: RecordedOutputs;
  readonly snapshotter: Snapshotter;
  readonly stop: AbortController;
  readonly broken: Set<number>;
  readonly refoldId: string;
  /** Ids that were appended here and have not come back by the log. */
  readonly told: Set<string>;
  state: State;
  position: Position;
  /** The furthest of the own outputs that are in the log: the state holds them before they come. */
  ownPosition: Position;
  /** The last sequence when it began; live once it is passed. */
  readonly endSeq: number;
  live: boolean;
  inputs: number;
  /** How its state came about, and what has been read since. */
  readonly from: RecoveryFacts['from'];
  messages: number;
  /** When it began to wait for its turn, monotonic. */
  readonly startedMs: number;
  end: EpochEnd | undefined;
  failure: unknown;
  /** Others of this process may recover from then on. */
  endTurn: () => void;
}

const endWith = <State>(epoch: Epoch<State>, end: EpochEnd): void => {
  epoch.end ??= end;
  epoch.stop.abort();
};

const send = async <State>(
  epoch: Epoch<State>,
  event: FlyballEvent,
  tell: TellWritten<FlyballEvent> | undefined,
): Promise<void> => {
  epoch.told.add(event.id);
  try {
    const written = await epoch.writer.append(event);
    if (written.kind === 'stored') {
      const { streamCreatedAt } = epoch.position;
      const at = { streamCreatedAt, seq: written.seq, eventId: event.id };
      epoch.ownPosition = furtherOf(epoch.ownPosition, at);
      tell?.(event, written);
      return;
    }
    // A stored body that is not ours was decided from another state: ours cannot be trusted.
    const why = `${written.kind} at ${event.id}`;
    endWith(epoch, { kind: 'fenced', why, inputs: epoch.inputs });
  } catch (error) {
    epoch.failure ??= error;
    endWith(epoch, { kind: 'ended' });
  }
};

/** Turns the crank; recorded outputs take the place of those that were made anew. */
const turn = <State>(epoch: Epoch<State>, input: RecordedEvent): void => {
  const { stage } = epoch.options.stage;
  const tell = noteTaken(epoch.options, input);
  if (epoch.recorded.remaining() === 0) {
    const stepped = step(stage, epoch.state, input);
    epoch.state = stepped.state;
    for (const output of stepped.outputs) void send(epoch, output, tell);
    return;
  }
  const informed = stage.evolve(epoch.state, input);
  const outputs = stage.decide(input, informed);
  const { facts, missing, matched, divergent } = epoch.recorded.reconcile(input.id, outputs);
  epoch.state = facts.reduce((folded, fact) => stage.evolve(folded, fact), informed);
  for (const { subject, fence } of matched) epoch.writer.note(subject, fence);
  for (const output of missing) void send(epoch, output, tell);
  epoch.options.metrics.divergences.inc(divergent);
};

const isOwn = <State>(epoch: Epoch<State>, event: RecordedEvent): boolean =>
  epoch.options.stage.ownPens.includes(event.pen);

/** An own output is folded here only when its cause is not in what was read. */
const takeOwn = <State>(epoch: Epoch<State>, { id, seq, subject }: StoredMessage): void => {
  const output = epoch.recorded.takeAt(seq);
  if (output !== undefined) {
    epoch.state = epoch.options.stage.stage.evolve(epoch.state, output.event);
    epoch.writer.note(output.subject, output.fence);
  } else if (seq > (epoch.writer.fence(subject)?.seq ?? 0)) {
    const why = `another owner wrote ${id}`;
    endWith(epoch, { kind: 'fenced', why, inputs: epoch.inputs });
  }
};

const notePosition = <State>(epoch: Epoch<State>, message: StoredMessage): void => {
  const { streamCreatedAt } = epoch.position;
  epoch.position = { streamCreatedAt, seq: message.seq, eventId: message.id };
  epoch.messages += 1;
  epoch.options.metrics.inputs.inc({ partition: epoch.options.partition });
};

const setAside = <State>(
  { options, refoldId }: Epoch<State>,
  message: StoredMessage,
  code: string,
  reason: string,
): Promise<void> => putAside({ ...options, refoldId }, message, code, reason);

const takeMessage = async <State>(epoch: Epoch<State>, message: StoredMessage): Promise<void> => {
  const { metrics, clock, stage, partitionCount } = epoch.options;
  if (isUnread(stage, epoch.told, message)) return notePosition(epoch, message);
  const decoded = decodeEvent(message.body, message.subject, message.seq, partitionCount);
  if (!decoded.ok) {
    epoch.writer.note(message.subject, fenceAfter(message));
    await setAside(epoch, message, 'LOG_CORRUPT', decoded.reason);
  } else if (isOwn(epoch, decoded.event)) {
    takeOwn(epoch, message);
  } else if (!epoch.broken.has(message.seq)) {
    const startedMs = clock.monotonicMs();
    try {
      turn(epoch, decoded.event);
    } catch (error) {
      // The state may be half changed: it is made anew, without this input.
      epoch.broken.add(message.seq);
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      await setAside(epoch, message, 'STAGE_THREW', why);
      endWith(epoch, { kind: 'broken-input', why, inputs: epoch.inputs });
      return;
    }
    epoch.inputs += 1;
    metrics.inputSeconds.observe((clock.monotonicMs() - startedMs) / 1_000);
  }
  notePosition(epoch, message);
};

const noteLive = <State>(epoch: Epoch<State>): void => {
  if (epoch.live || epoch.position.seq < epoch.endSeq) return;
  epoch.live = true;
  epoch.endTurn();
  const { options, startedMs } = epoch;
  const tookMs = options.clock.monotonicMs() - startedMs;
  options.metrics.recoverySeconds.observe(tookMs / 1_000);
  const { partition } = options;
  options.logger.info(
    { partition, throughSeq: epoch.position.seq, tookMs: Math.round(tookMs) },
    'live',
  );
  options.onRecovered?.(recoveryFacts(options.clock, epoch));
  options.onLive?.(() =>
    options.signal.aborted || epoch.stop.signal.aborted ? undefined : epoch.state,
  );
};

const takeSnapshot = async <State>(epoch: Epoch<State>): Promise<void> => {
  await epoch.writer.settled();
  const connection = epoch.check.standing();
  const isOwner = epoch.end === undefined && epoch.options.isOwner();
  if (!isOwner || connection === undefined) return;
  const { seq, eventId } = epoch.position;
  const state = epoch.options.stage.toSnapshot(epoch.state);
  const fences = epoch.writer.fences(seq);
  epoch.snapshotter.store({ seq, eventId, state: { state, fences }, connection });
};

/** A snapshot, unless the state is to be made anew. */
const keepOrRefold = async <State>(epoch: Epoch<State>): Promise<void> => {
  if (!(await epoch.snapshotter.isRefoldAsked())) return takeSnapshot(epoch);
  endWith(epoch, { kind: 'refold', why: 'an operator asked for it', inputs: epoch.inputs });
};

const endLost = <State>(epoch: Epoch<State>, { verdict, expected }: LogLoss): void => {
  const why = `the log is ${verdict.kind}; this state had read through ${expected.seq}`;
  endWith(epoch, { kind: 'fenced', why, inputs: epoch.inputs });
};

const readOn = <State>(epoch: Epoch<State>): Promise<void> =>
  readPartition({
    options: epoch.options,
    signal: AbortSignal.any([epoch.options.signal, epoch.stop.signal]),
    writer: epoch.writer,
    check: epoch.check,
    position: () => epoch.position,
    take: (message) => takeMessage(epoch, message),
    onTaken: () => noteLive(epoch),
    onBatch: async () => {
      if (epoch.snapshotter.due(epoch.position.seq)) await keepOrRefold(epoch);
    },
  });

const beginEpoch = async <State>(
  options: DriveOptions<State>,
  { broken, startedMs }: Pick<Epoch<State>, 'broken' | 'startedMs'>,
  left: LeftState<State> | undefined,
): Promise<Epoch<State>> => {
  const { log, stage, partition, signal } = options;
  const { recovered, ...opened } = await openState(options, left, {
    position: () => furtherOf(epoch.position, epoch.ownPosition),
    onLost: (loss) => endLost(epoch, loss),
  });
  const { state, position, fences, refoldId, from } = recovered;
  if (from.kind === 'lost') options.onLost?.(from);
  const reading = { stream: log.events, ownPens: stage.ownPens, partition, fences, signal };
  const outputs = await readRecorded({ ...reading, afterSeq: position.seq });
  const epoch: Epoch<State> = {
    ...{ options, ...opened, state, position, refoldId, broken, startedMs },
    recorded: indexRecorded(outputs),
    ownPosition: furthestOf(position, outputs),
    stop: new AbortController(),
    told: new Set(),
    from: from.kind,
    live: false,
    ...{ inputs: 0, messages: 0 },
    end: undefined,
    failure: undefined,
    endTurn: () => undefined,
  };
  return epoch;
};

/** What the next tenure of this process may go on with: the lease may only have run out. */
const leave = <State>({ options, writer, state, position, refoldId }: Epoch<State>): void =>
  options.recovery?.leave({ state, position, refoldId, fences: writer.fences(position.seq) });

/** Recovers and runs until ended, fenced, or an input on which the stage threw. */
export const runEpoch = async <State>(
  options: DriveOptions<State>,
  broken: Set<number>,
): Promise<EpochEnd> => {
  const { log, clock, signal, metrics, recovery = loneRecovery } = options;
  const startedMs = clock.monotonicMs();
  const onRetry = (error: OutsideError) => metrics.retries.inc({ code: error.code });
  const recovering = await recoverInTurn(recovery, signal, (left) => {
    const begin = () => beginEpoch(options, { broken, startedMs }, left);
    return retryOutside(() => overOneConnection(log, begin), { clock, signal, onRetry });
  });
  if (recovering === undefined) return { kind: 'ended' };
  const { begun: epoch, endTurn } = recovering;
  epoch.endTurn = endTurn;
  try {
    await readOn(epoch);
  } finally {
    endTurn();
  }
  await epoch.writer.settled();
  if (epoch.failure !== undefined && !signal.aborted) throw epoch.failure;
  // What was not stored at the end is missing from the log, and the next owner writes it.
  if (epoch.end === undefined) {
    await takeSnapshot(epoch);
    leave(epoch);
  }
  await epoch.snapshotter.settled();
  return epoch.end ?? { kind: 'ended' };
};
