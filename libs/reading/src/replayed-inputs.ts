/** What the decider took of a workload, one by one: all ticks of a day at once are too many. */
import type { RecordedEvent } from '@flyball/contracts';
import { eachTickOfMinutes, replayInputs, type WorkloadHistory } from '@flyball/domain';

/** Merges what is in the order of the log already; what is in two of them comes once. */
function* mergedBySeq(
  sources: readonly Iterable<RecordedEvent>[],
): Generator<RecordedEvent, void, undefined> {
  const waiting = sources.map((source) => {
    const iterator = source[Symbol.iterator]();
    return { iterator, next: iterator.next() };
  });
  let lastSeq = 0;
  for (;;) {
    let first: (typeof waiting)[number] | undefined;
    for (const one of waiting) {
      if (one.next.done === true) continue;
      const isEarlier =
        first?.next.value === undefined || one.next.value.seq < first.next.value.seq;
      if (isEarlier) first = one;
    }
    if (first === undefined || first.next.done === true) return;
    const { value } = first.next;
    first.next = first.iterator.next();
    if (value.seq === lastSeq) continue;
    lastSeq = value.seq;
    yield value;
  }
}

/**
 * The same as `replayInputs`, without holding them: the ticks of a minute are made when their turn
 * comes.
 */
export const replayedInputs = (
  history: WorkloadHistory,
): Generator<RecordedEvent, void, undefined> => {
  // What no minute holds yet is little.
  const tail = replayInputs({ ...history, events: [], minutes: [] });
  return mergedBySeq([history.events, eachTickOfMinutes(history.minutes), tail]);
};
