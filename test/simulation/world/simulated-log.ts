/** A process's way to the event log: the memory log at the end of bad roads. */
import type {
  Append,
  AppendResult,
  Bucket,
  Entry,
  EventLog,
  EventStream,
  MemoryEventLog,
  ReadOptions,
  StoredMessage,
  WatchedEntry,
} from '@flyball/event-log';
import type { VirtualTime } from '@flyball/service/testing';
import type { Process } from './process.ts';
import type { Weather } from './weather.ts';

/** Protections that a canary takes away: the judges must find out. */
export type Canary = 'none' | 'no-fence' | 'no-dedupe' | 'no-resource-version';

export interface Road {
  readonly process: Process;
  readonly weather: Weather;
  readonly time: VirtualTime;
  readonly canary: Canary;
}

async function* delivered<Item>(
  { process, weather }: Road,
  items: AsyncIterable<Item>,
): AsyncGenerator<Item, void, undefined> {
  for await (const item of items) {
    await weather.delivery(process);
    yield item;
  }
  // The reader of a dead process ends with its world, not with a last turn of its own.
  await process.gate();
}

const isFenceless = ({ canary }: Road): boolean => canary === 'no-fence';

const appendBy = (road: Road, inner: EventStream): EventStream['append'] => {
  const { process, weather, time } = road;
  return (message: Append): Promise<AppendResult> => {
    const { expectedLastSeq: _, ...unfenced } = message;
    const sent = isFenceless(road) ? unfenced : message;
    return weather.call(process, 'nats', `append ${inner.name}`, () => {
      const againMs = weather.doubledAfterMs();
      // Nobody waits for the answer to a copy; what is stored by it is seen by the judges.
      if (againMs !== undefined) {
        const { restarts } = weather;
        time.after(againMs, () => {
          if (weather.restarts === restarts) void inner.append(sent).catch(() => undefined);
        });
      }
      return inner.append(sent);
    });
  };
};

const streamBy = (road: Road, inner: EventStream): EventStream => {
  const { process, weather } = road;
  const ask = <Value>(what: string, act: () => Promise<Value>): Promise<Value> =>
    weather.call(process, 'nats', `${what} ${inner.name}`, act);
  return {
    name: inner.name,
    append: appendBy(road, inner),
    read: (options: ReadOptions) => delivered(road, inner.read(options)),
    readToEnd: (options) => delivered(road, inner.readToEnd(options)),
    last: (subject): Promise<StoredMessage | undefined> => ask('last', () => inner.last(subject)),
    at: (seq) => ask('at', () => inner.at(seq)),
    state: () => ask('state', () => inner.state()),
    subjects: (filter) => ask('subjects', () => inner.subjects(filter)),
    purge: (subject, belowSeq) => ask('purge', () => inner.purge(subject, belowSeq)),
  };
};

const bucketBy = (road: Road, inner: Bucket): Bucket => {
  const { process, weather } = road;
  const ask = <Value>(what: string, act: () => Promise<Value>): Promise<Value> =>
    weather.call(process, 'nats', `${what} ${inner.name}`, act);
  return {
    name: inner.name,
    maxValueBytes: inner.maxValueBytes,
    get: (key): Promise<Entry | undefined> => ask('get', () => inner.get(key)),
    set: (key, value, revision) => ask('set', () => inner.set(key, value, revision)),
    put: (key, value, connection) => ask('put', () => inner.put(key, value, connection)),
    delete: (key, revision) => ask('delete', () => inner.delete(key, revision)),
    keys: (filter) => ask('keys', () => inner.keys(filter)),
    watch: (filter, signal): AsyncIterable<WatchedEntry> =>
      delivered(road, inner.watch(filter, signal)),
  };
};

/** Of keys with this prefix another bucket; all others are shared. */
export const splitBucket = (shared: Bucket, own: Bucket, prefix: string): Bucket => {
  const of = (key: string): Bucket => (key.startsWith(prefix) ? own : shared);
  return {
    name: shared.name,
    maxValueBytes: shared.maxValueBytes,
    get: (key) => of(key).get(key),
    set: (key, value, revision) => of(key).set(key, value, revision),
    put: (key, value, connection) => of(key).put(key, value, connection),
    delete: (key, revision) => of(key).delete(key, revision),
    keys: (filter) => of(filter ?? '').keys(filter),
    watch: (filter, signal) => of(filter).watch(filter, signal),
  };
};

/** The log as a process sees it; `leases` may be another bucket than that of the others. */
export const simulatedLog = (
  road: Road,
  inner: MemoryEventLog,
  leases: Bucket = inner.leases,
): EventLog => ({
  events: streamBy(road, inner.events),
  samples: streamBy(road, inner.samples),
  minutes: streamBy(road, inner.minutes),
  deadLetters: streamBy(road, inner.deadLetters),
  leases: bucketBy(road, leases),
  snapshots: bucketBy(road, inner.snapshots),
  serverVersion: inner.serverVersion,
  status: () => inner.status(),
  connection: () => inner.connection(),
  onStatus: (listener) =>
    inner.onStatus((status) => void road.process.gate().then(() => listener(status))),
  close: () => inner.close(),
});
