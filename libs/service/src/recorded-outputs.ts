/** What a stage wrote after its snapshot, by cause: recovery folds these instead of new ones. */
import {
  decodeEvent,
  type FlyballEvent,
  type Pen,
  pens,
  type RecordedEvent,
} from '@flyball/contracts';
import type { EventStream, Position, StoredMessage } from '@flyball/event-log';
import { type Fence, type Fences, fenceAfter, subjectOfEvent } from './fences.ts';

export interface RecordedOutput {
  /** Undefined when this code cannot read it: its place is taken all the same. */
  readonly event: RecordedEvent | undefined;
  /** Of the message as it is stored: whoever published it may have called it anything. */
  readonly messageId: string;
  readonly subject: string;
  readonly fence: Fence;
}

type ReadableOutput = RecordedOutput & { readonly event: RecordedEvent };

/** What became of one input's outputs: which to fold, and which of those to append. */
export interface Reconciled {
  readonly facts: readonly FlyballEvent[];
  readonly missing: readonly FlyballEvent[];
  readonly matched: readonly ReadableOutput[];
  /** Outputs that history and this code do not agree on. History wins. */
  readonly divergent: number;
}

export interface RecordedOutputs {
  reconcile(inputId: string, outputs: readonly FlyballEvent[]): Reconciled;
  /**
   * The output at its own position when its cause was not read (purged, or before the log), or
   * when it cannot be read itself.
   */
  takeAt(seq: number): RecordedOutput | undefined;
  remaining(): number;
}

/** The subjects of one pen within one partition. */
const ownPenFilter = (pen: Pen, partition: number): string =>
  pens[pen].subject.replace('*', String(partition));

/** Reads what was written with these pens after `afterSeq` and is not behind the fences. */
export const readRecorded = async (options: {
  readonly stream: EventStream;
  readonly ownPens: readonly Pen[];
  readonly partition: number;
  readonly afterSeq: number;
  readonly fences: Fences;
  readonly signal: AbortSignal;
}): Promise<readonly RecordedOutput[]> => {
  const { stream, ownPens, partition, afterSeq, fences, signal } = options;
  const readPen = async (pen: Pen): Promise<readonly RecordedOutput[]> => {
    const found: RecordedOutput[] = [];
    const keep = (message: StoredMessage): void => {
      const folded = fences[message.subject]?.seq ?? 0;
      if (message.seq <= folded) return;
      const { id: messageId, subject, seq } = message;
      const decoded = decodeEvent(message.body, subject, seq);
      const event = decoded.ok ? decoded.event : undefined;
      found.push({ event, messageId, subject, fence: fenceAfter(message) });
    };
    const filter = ownPenFilter(pen, partition);
    for await (const batch of stream.readToEnd({ filter, afterSeq, signal })) batch.forEach(keep);
    return found;
  };
  return (await Promise.all(ownPens.map(readPen))).flat();
};

/** Of a state's position and of the outputs that were read ahead of it, what is last in the log. */
export const furthestOf = (position: Position, outputs: readonly RecordedOutput[]): Position => {
  const { streamCreatedAt } = position;
  return outputs.reduce<Position>(
    (furthest, { fence: { seq }, messageId: eventId }) =>
      seq > furthest.seq ? { streamCreatedAt, seq, eventId } : furthest,
    position,
  );
};

const isReadable = (output: RecordedOutput): output is ReadableOutput => output.event !== undefined;

const groupByCause = (outputs: readonly ReadableOutput[]): Map<string, ReadableOutput[]> =>
  Map.groupBy(outputs, (output) => output.event.causationId ?? '');

/** An index over recorded outputs that forgets each one as it is folded or passed by. */
export const indexRecorded = (outputs: readonly RecordedOutput[]): RecordedOutputs => {
  const byCause = groupByCause(outputs.filter(isReadable));
  const bySeq = new Map(outputs.map((output) => [output.fence.seq, output]));
  const left = new Map<string, number>();
  for (const { subject } of outputs) left.set(subject, (left.get(subject) ?? 0) + 1);

  const forget = (output: RecordedOutput): void => {
    bySeq.delete(output.fence.seq);
    left.set(output.subject, (left.get(output.subject) ?? 1) - 1);
    if (bySeq.size > 0) return;
    // What was taken at its own position is still kept with its cause, for which nobody asks.
    byCause.clear();
    left.clear();
  };
  const reconcile = (inputId: string, produced: readonly FlyballEvent[]): Reconciled => {
    if (bySeq.size === 0) return { facts: produced, missing: produced, matched: [], divergent: 0 };
    const matched = (byCause.get(inputId) ?? []).filter((one) => bySeq.has(one.fence.seq));
    byCause.delete(inputId);
    matched.forEach(forget);
    const recorded = new Map<string, FlyballEvent>(matched.map(({ event }) => [event.id, event]));
    // History went on without it: to write it now would be to write it at the wrong place.
    const late = (output: FlyballEvent) => (left.get(subjectOfEvent(output)) ?? 0) > 0;
    const kept = produced.filter((output) => recorded.has(output.id) || !late(output));
    const producedIds = new Set(produced.map((output) => output.id));
    const invented = matched.filter((output) => !producedIds.has(output.event.id));
    return {
      facts: [
        ...kept.map((output) => recorded.get(output.id) ?? output),
        ...invented.map((output) => output.event),
      ],
      missing: kept.filter((output) => !recorded.has(output.id)),
      matched,
      divergent: produced.length - kept.length + invented.length,
    };
  };
  return {
    reconcile,
    takeAt: (seq) => {
      const output = bySeq.get(seq);
      if (output !== undefined) forget(output);
      return output;
    },
    remaining: () => bySeq.size,
  };
};
