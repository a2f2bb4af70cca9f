/** One life of a partition's state: from its recovery until it is discarded or ended. */
import { decodeEvent, type FlyballEvent, type RecordedEvent } from '@flyball/contracts';
import { step } from '@flyball/domain';
import type { StoredMessage } from '@flyball/event-log';
import type { DriveOptions } from './drive-options.ts';
import { openState } from './open-state.ts';
import { furtherOf } from './position-check.ts';
import {
  furthestOf,
  indexRecorded,
  type RecordedOutputs,
  readRecorded,
} from './recorded-outputs.ts';
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
  recoverRun,
  type StageRun,
  storeSnapshot,
} from './stage-run.ts';
import { noteTaken, type TellWritten } from './stored-now.ts';
import { isUnread } from './unread.ts';

/** Why a state was discarded, and how far it had read. */
interface Discarded {
  /** `refold`: an operator wants what was put aside to be read again. */
  readonly kind: 'fenced' | 'broken-input' | 'refold';
  readonly why: string;
  readonly throughSeq: number;
}

export type EpochEnd = { readonly kind: 'ended' } | Discarded;

interface Epoch<State> extends StageRun<State> {
  readonly options: DriveOptions<State>;
  readonly recorded: RecordedOutputs;
  end: EpochEnd | undefined;
}

const discard = <State>(epoch: Epoch<State>, kind: Discarded['kind'], why: string): void => {
  epoch.end ??= { kind, why, throughSeq: epoch.position.seq };
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
      noteStored(epoch, written.seq, event.id);
      tell?.(event, written);
      return;
    }
    // A stored body that is not ours was decided from another state: ours cannot be trusted.
    discard(epoch, 'fenced', `${written.kind} at ${event.id}`);
  } catch (error) {
    epoch.failure ??= error;
    epoch.end ??= { kind: 'ended' };
    epoch.stop.abort();
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
const takeOwn = <State>(
  epoch: Epoch<State>,
  { id, seq, subject }: StoredMessage,
  event: RecordedEvent,
): void => {
  const output = epoch.recorded.takeAt(seq);
  if (output !== undefined) {
    epoch.state = epoch.options.stage.stage.evolve(epoch.state, event);
    epoch.writer.note(output.subject, output.fence);
  } else if (seq > (epoch.writer.fence(subject)?.seq ?? 0)) {
    discard(epoch, 'fenced', `another owner wrote ${id}`);
  }
};

const takeMessage = async <State>(epoch: Epoch<State>, message: StoredMessage): Promise<void> => {
  const { metrics, clock, stage, partitionCount } = epoch.options;
  if (isUnread(stage, epoch.told, message)) return noteRead(epoch, message);
  const decoded = decodeEvent(message.body, message.subject, message.seq, partitionCount);
  if (!decoded.ok) {
    epoch.recorded.takeAt(message.seq);
    await putCorruptAside(epoch, message, decoded.reason);
  } else if (isOwn(epoch, decoded.event)) {
    takeOwn(epoch, message, decoded.event);
  } else if (!epoch.broken.has(message.seq)) {
    const startedMs = clock.monotonicMs();
    try {
      turn(epoch, decoded.event);
    } catch (error) {
      discard(epoch, 'broken-input', await putBrokenAside(epoch, message, error));
      return;
    }
    metrics.inputSeconds.observe((clock.monotonicMs() - startedMs) / 1_000);
  }
  noteRead(epoch, message);
};

const takeSnapshot = async <State>(epoch: Epoch<State>): Promise<void> => {
  await epoch.writer.settled();
  const connection = epoch.check.standing();
  const isOwner = epoch.end === undefined && epoch.options.isOwner();
  if (isOwner && connection !== undefined) storeSnapshot(epoch, connection);
};

const beginEpoch = async <State>(
  options: DriveOptions<State>,
  before: RunBefore,
  left: LeftState<State> | undefined,
): Promise<Epoch<State>> => {
  const { log, stage, partition, signal } = options;
  const opened = await openState(options, left, {
    position: () => furtherOf(epoch.position, epoch.ownPosition),
    onLost: ({ verdict, expected: { seq } }) =>
      discard(epoch, 'fenced', `the log is ${verdict.kind}; this state had read through ${seq}`),
  });
  const { position, fences, from } = opened.recovered;
  if (from.kind === 'lost') options.onLost?.(from);
  const reading = { stream: log.events, ownPens: stage.ownPens, partition, fences, signal };
  const outputs = await readRecorded({ ...reading, afterSeq: position.seq });
  const epoch: Epoch<State> = {
    ...{ options, ...beginRun(options, opened, before) },
    recorded: indexRecorded(outputs),
    ownPosition: furthestOf(position, outputs),
    end: undefined,
  };
  return epoch;
};

/** Recovers and runs until ended, fenced, or an input on which the stage threw. */
export const runEpoch = async <State>(
  options: DriveOptions<State>,
  broken: Set<number>,
): Promise<EpochEnd> => {
  const epoch = await recoverRun(options, (left, startedMs) =>
    beginEpoch(options, { broken, startedMs }, left),
  );
  if (epoch === undefined) return { kind: 'ended' };
  await readRun(epoch, {
    take: (message) => takeMessage(epoch, message),
    onLive: () => options.onLive?.(() => (epoch.signal.aborted ? undefined : epoch.state)),
    takeSnapshot: () => takeSnapshot(epoch),
    onRefold: () => discard(epoch, 'refold', 'an operator asked for it'),
  });
  // What was not stored at the end is missing from the log, and the next owner writes it.
  if (epoch.end === undefined) {
    await takeSnapshot(epoch);
    leaveState(epoch, epoch.state);
  }
  await epoch.snapshotter.settled();
  return epoch.end ?? { kind: 'ended' };
};
