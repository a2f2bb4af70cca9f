/** A way to a stream on which a test lets calls wait or fail; everything else passes at once. */
import type { Append, EventStream } from '@flyball/event-log';

export interface StreamRoad {
  /** Passed by each append before it is stored. */
  readonly append?: (message: Append) => Promise<void>;
  /** Passed by each question how the stream is. */
  readonly state?: () => Promise<void>;
}

export const streamOver = (inner: EventStream, road: StreamRoad): EventStream => ({
  name: inner.name,
  append: async (message) => {
    await road.append?.(message);
    return inner.append(message);
  },
  read: (options) => inner.read(options),
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
