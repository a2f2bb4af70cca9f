/** A way to a stream on which a test lets calls wait or fail; everything else passes at once. */
import type { Append, EventStream, StoredMessage } from '@flyball/event-log';

export interface StreamRoad {
  /** Passed by each append before it is stored. */
  readonly append?: (message: Append) => Promise<void>;
  /** Passed after each batch that was read, before the stream is asked for more. */
  readonly read?: (batch: readonly StoredMessage[]) => Promise<void>;
  /** Passed by each question how the stream is. */
  readonly state?: () => Promise<void>;
}

export const streamOver = (inner: EventStream, road: StreamRoad): EventStream => ({
  name: inner.name,
  append: async (message) => {
    await road.append?.(message);
    return inner.append(message);
  },
  read: async function* (options) {
    for await (const batch of inner.read(options)) {
      yield batch;
      await road.read?.(batch);
    }
  },
  readToEnd: (options) => inner.readToEnd(options),
  last: (subject) => inner.last(subject),
  at: (seq) => inner.at(seq),
  state: async () => {
    await road.state?.();
    return inner.state();
  },
  subjects: (filter) => inner.subjects(filter),
  purge: (subject, belowSeq) => inner.purge(subject, belowSeq),
});
