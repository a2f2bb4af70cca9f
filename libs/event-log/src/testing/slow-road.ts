/** A way to a bucket on which requests, answers or news are held up for as long as one likes. */
import type { Bucket, WatchedEntry } from '../event-log.ts';

/** What is held up: before it reaches the bucket, on its way back, or what the watch tells. */
export type Held = 'requests' | 'answers' | 'news';

export interface SlowRoad {
  readonly bucket: Bucket;
  holdUp(what: Held): void;
  /** Lets everything go on, in order. */
  letGo(): void;
}

const createGate = () => {
  let waiting: PromiseWithResolvers<void> | undefined;
  return {
    shut: () => {
      waiting ??= Promise.withResolvers();
    },
    open: () => {
      waiting?.resolve();
      waiting = undefined;
    },
    pass: async () => {
      while (waiting !== undefined) await waiting.promise;
    },
  };
};

/** Everything passes until something is held up. */
export const slowRoadTo = (inner: Bucket): SlowRoad => {
  const gates = { requests: createGate(), answers: createGate(), news: createGate() };
  const ask = async <Answer>(act: () => Promise<Answer>): Promise<Answer> => {
    await gates.requests.pass();
    const answer = await act();
    await gates.answers.pass();
    return answer;
  };
  async function* watch(filter: string, signal: AbortSignal): AsyncGenerator<WatchedEntry> {
    for await (const entry of inner.watch(filter, signal)) {
      await gates.news.pass();
      yield entry;
    }
  }
  return {
    bucket: {
      name: inner.name,
      maxValueBytes: inner.maxValueBytes,
      get: (key) => ask(() => inner.get(key)),
      set: (key, value, expected) => ask(() => inner.set(key, value, expected)),
      put: (key, value, connection) => ask(() => inner.put(key, value, connection)),
      delete: (key, expected) => ask(() => inner.delete(key, expected)),
      keys: (filter) => ask(() => inner.keys(filter)),
      watch,
    },
    holdUp: (what) => gates[what].shut(),
    letGo: () => {
      for (const gate of Object.values(gates)) gate.open();
    },
  };
};
