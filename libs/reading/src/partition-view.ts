/** The decider's state of a partition, folded for reading: its snapshot, the tail, then live. */
import {
  type FlyballEvent,
  partitionFilter,
  partitionSubject,
  type RecordedEvent,
} from '@flyball/contracts';
import {
  type DeciderState,
  decider,
  deciderSnapshotVersion,
  deciderStateFrom,
  step,
} from '@flyball/domain';
import type { StoredMessage } from '@flyball/event-log';
import { recover } from '@flyball/service';
import { readDecoded } from './read-decoded.ts';
import type { Reader } from './reader.ts';

export interface PartitionView {
  readonly state: DeciderState;
  /** Folded through here. */
  readonly seq: number;
  /** The newest tick on which every decision is recorded, UTC ms; 0 for none. */
  readonly decidedAtMs: number;
}

const isOwn = ({ pen }: RecordedEvent): boolean => pen === 'decisions' || pen === 'progress';

/** What cannot be read is among the dead letters; the decider passes it over as well. */
const decodeAll = (
  { partitionCount }: Reader,
  messages: readonly StoredMessage[],
): RecordedEvent[] =>
  messages
    .map((message) => readDecoded(message, partitionCount))
    .filter((event) => event !== undefined);

const fold = (state: DeciderState, facts: readonly RecordedEvent[]): DeciderState =>
  facts.reduce((folded, fact) => decider.evolve(folded, fact), state);

/** Recorded outputs at their cause; at their own place when their cause was not read. */
export const foldRecorded = (
  state: DeciderState,
  events: readonly RecordedEvent[],
): DeciderState => {
  const outputs = Map.groupBy(events.filter(isOwn), ({ causationId }) => causationId ?? '');
  const inputs = new Set(events.filter((event) => !isOwn(event)).map(({ id }) => id));
  return events.reduce((folded, event) => {
    if (!isOwn(event)) return fold(decider.evolve(folded, event), outputs.get(event.id) ?? []);
    return inputs.has(event.causationId ?? '') ? folded : decider.evolve(folded, event);
  }, state);
};

const readDecidedAtMs = async (
  { log, partitionCount }: Reader,
  partition: number,
): Promise<number> => {
  const last = await log.events.last(partitionSubject(partition, 'progress'));
  const event = last === undefined ? undefined : readDecoded(last, partitionCount);
  return event?.type === 'DecidedThrough' ? event.data.tickAtMs : 0;
};

/** The state as of the log's end, by what is recorded: no decider has to run for it. */
export const viewPartition = async (
  reader: Reader,
  partition: number,
  signal: AbortSignal,
): Promise<PartitionView> => {
  const { log } = reader;
  const recovered = await recover({
    log,
    stage: decider.name,
    partition,
    snapshotVersion: deciderSnapshotVersion,
    fromSnapshot: deciderStateFrom,
    initialState: (number) => decider.initialState(number),
  });
  const { fences, position } = recovered;
  const tail: RecordedEvent[] = [];
  let { seq } = position;
  const filter = partitionFilter(partition);
  for await (const batch of log.events.readToEnd({ filter, afterSeq: seq, signal })) {
    seq = batch.at(-1)?.seq ?? seq;
    const unfolded = batch.filter((message) => message.seq > (fences[message.subject]?.seq ?? 0));
    tail.push(...decodeAll(reader, unfolded));
  }
  const decidedAtMs = await readDecidedAtMs(reader, partition);
  return { state: foldRecorded(recovered.state, tail), seq, decidedAtMs };
};

/** A decision that this code would not have made: the view is then folded anew. */
const disagrees = (expected: Map<string, FlyballEvent>, recorded: RecordedEvent): boolean => {
  if (recorded.pen !== 'decisions') return false;
  const mine = expected.get(recorded.id);
  expected.delete(recorded.id);
  return JSON.stringify(mine?.data) !== JSON.stringify(recorded.data);
};

/** Steps through live events as the decider does; false when the record says otherwise. */
const takeLive = (
  live: { state: DeciderState; readonly expected: Map<string, FlyballEvent> },
  events: readonly RecordedEvent[],
): boolean => {
  for (const event of events) {
    if (isOwn(event)) {
      if (disagrees(live.expected, event)) return false;
      continue;
    }
    const stepped = step(decider, live.state, event);
    live.state = stepped.state;
    for (const output of stepped.outputs) {
      if (output.type === 'Decided') live.expected.set(output.id, output);
    }
  }
  return true;
};

/** The view, and again after each batch of live events, until the signal aborts. */
export async function* followPartition(
  reader: Reader,
  partition: number,
  signal: AbortSignal,
): AsyncGenerator<DeciderState, void, undefined> {
  while (!signal.aborted) {
    const { state, seq } = await viewPartition(reader, partition, signal);
    yield state;
    const live = { state, expected: new Map<string, FlyballEvent>() };
    const filter = partitionFilter(partition);
    for await (const batch of reader.log.events.read({ filter, afterSeq: seq, signal })) {
      if (!takeLive(live, decodeAll(reader, batch))) break;
      yield live.state;
    }
  }
}
