/** A partition as it is recorded, folded for reading: its snapshot, the tail, then live. */
import { partitionFilter, partitionSubject, type RecordedEvent } from '@flyball/contracts';
import {
  type DeciderState,
  decider,
  deciderSnapshotVersion,
  deciderStateFrom,
} from '@flyball/domain';
import type { Position, StoredMessage } from '@flyball/event-log';
import {
  createPositionCheck,
  overOneConnection,
  type Recovered,
  recover,
  retryOutside,
} from '@flyball/service';
import { readDecoded } from './read-decoded.ts';
import { readWhole } from './read-whole.ts';
import type { Reader } from './reader.ts';

/** What a follower of a partition has learnt. */
export interface PartitionNews {
  /** Owned by the follower, which changes it in place; `wantedOf` reads what was decided. */
  readonly state: DeciderState;
  /** What was folded since the news before; of a view, what was folded over its snapshot. */
  readonly events: readonly RecordedEvent[];
  /** It was folded anew: what was learnt of this partition before counts no more. */
  readonly isAnew: boolean;
}

export interface PartitionView {
  readonly state: DeciderState;
  /** Folded through here. */
  readonly position: Position;
  /** What was folded over the snapshot, in order. */
  readonly tail: readonly RecordedEvent[];
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
const foldRecorded = (state: DeciderState, events: readonly RecordedEvent[]): DeciderState => {
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

const readTail = async (
  reader: Reader,
  from: Pick<Recovered<unknown>, 'position' | 'fences'>,
  { partition, signal }: { readonly partition: number; readonly signal: AbortSignal },
): Promise<Pick<PartitionView, 'tail' | 'position'>> => {
  let { position } = from;
  const { fences } = from;
  const tail: RecordedEvent[] = [];
  const filter = partitionFilter(partition);
  const read = { filter, afterSeq: position.seq, signal };
  for await (const batch of readWhole(reader.log.events, read)) {
    const last = batch.at(-1);
    if (last !== undefined) position = { ...position, seq: last.seq, eventId: last.id };
    const unfolded = batch.filter((message) => message.seq > (fences[message.subject]?.seq ?? 0));
    tail.push(...decodeAll(reader, unfolded));
  }
  return { tail, position };
};

/**
 * The state as of the log's end, by what is recorded: no decider has to run for it. Rejects with
 * NATS_… errors; with NATS_RECONNECTED when the connection was made anew in between.
 */
export const viewPartition = (
  reader: Reader,
  partition: number,
  signal: AbortSignal,
): Promise<PartitionView> =>
  overOneConnection(reader.log, async () => {
    const recovered = await recover({
      log: reader.log,
      stage: decider.name,
      partition,
      snapshotVersion: deciderSnapshotVersion,
      fromSnapshot: deciderStateFrom,
      initialState: (number) => decider.initialState(number),
    });
    const { tail, position } = await readTail(reader, recovered, { partition, signal });
    const decidedAtMs = await readDecidedAtMs(reader, partition);
    return { state: foldRecorded(recovered.state, tail), position, tail, decidedAtMs };
  });

/**
 * Folds what is recorded, each at its own place: a decision counts once it is in the log, whoever
 * made it. Ends when the log is of another history than the view: it is then to be folded anew.
 */
async function* followView(
  reader: Reader,
  view: PartitionView,
  { partition, signal: ended }: { readonly partition: number; readonly signal: AbortSignal },
): AsyncGenerator<PartitionNews, void, undefined> {
  const { log, clock } = reader;
  let { state, position } = view;
  const lost = new AbortController();
  const signal = AbortSignal.any([ended, lost.signal]);
  const check = createPositionCheck({
    ...{ log, stream: log.events, clock, signal },
    position: () => position,
    onLost: () => lost.abort(),
  });
  const filter = partitionFilter(partition);
  const read = { filter, afterSeq: position.seq, signal, onOpen: check.opened };
  for await (const batch of log.events.read(read)) {
    await check.settled();
    const last = batch.at(-1);
    if (signal.aborted || last === undefined) return;
    const events = decodeAll(reader, batch);
    state = fold(state, events);
    position = { ...position, seq: last.seq, eventId: last.id };
    yield { state, events, isAnew: false };
  }
}

/** Waits for a server that is away; undefined when the signal aborts. */
const viewPatiently = async (
  reader: Reader,
  partition: number,
  signal: AbortSignal,
): Promise<PartitionView | undefined> => {
  try {
    const view = () => viewPartition(reader, partition, signal);
    const found = await retryOutside(view, { clock: reader.clock, signal });
    return signal.aborted ? undefined : found;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
};

/**
 * The view, and again after each batch of live events, until the signal aborts; folded anew where
 * the log has lost its tail or is another one. Throws NATS_… errors.
 */
export async function* followPartition(
  reader: Reader,
  partition: number,
  signal: AbortSignal,
): AsyncGenerator<PartitionNews, void, undefined> {
  while (!signal.aborted) {
    const view = await viewPatiently(reader, partition, signal);
    if (view === undefined) return;
    yield { state: view.state, events: view.tail, isAnew: true };
    yield* followView(reader, view, { partition, signal });
  }
}
