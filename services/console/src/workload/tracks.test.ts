/** A workload is read once, then only what is new; and no more at once than may be. */
import {
  OutsideError,
  type OutsideErrorCode,
  partitionSubject,
  type RecordedEvent,
} from '@flyball/contracts';
import type { EventStream } from '@flyball/event-log';
import { readDecoded } from '@flyball/reading';
import { type RecordedStory, tellStory } from '@flyball/reading/testing';
import { expect, it } from 'vitest';
import type { Track } from './track.ts';
import { createTracks } from './tracks.ts';

const ended = new AbortController();
const recently = { fromMs: Number.MAX_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER };

it('reads what is new, and shares a reading among those who wait for it', async () => {
  const story = await tellStory();
  const { reader } = story;
  const filters: string[] = [];
  const { events } = reader.log;
  const readToEnd = events.readToEnd.bind(events);
  events.readToEnd = (options) => {
    filters.push(`${options.filter} after ${options.afterSeq === 0 ? 'nothing' : 'something'}`);
    return readToEnd(options);
  };
  const tracks = createTracks(ended.signal);
  const read = () => tracks.read(reader, 'default/web', recently);
  const readings = (): readonly string[] => filters.filter((one) => one.includes('.default.web.'));

  const [first, second, third] = await Promise.all([read(), read(), read()]);
  expect(first).toBe(second);
  expect(second).toBe(third);
  expect(readings().filter((one) => one.endsWith('nothing'))).toHaveLength(1);
  expect(readings().length).toBeLessThanOrEqual(3);

  filters.length = 0;
  await story.pods(4);
  expect((await read())?.events.ready.last()?.[1]).toBe(4);
  expect(readings()).toEqual([expect.stringContaining('something')]);
  tracks.clear();
  await read();
  expect(readings().at(-1)).toContain('nothing');
});

/** Each reading of the stream that matches: after which sequence it began, and what it gave. */
interface WatchedReading {
  readonly afterSeq: number;
  readonly seqs: number[];
}

/** The first reading of it fails after one message. */
const failFirst = (
  stream: EventStream,
  isMeant: (filter: string) => boolean,
  code: OutsideErrorCode,
): readonly WatchedReading[] => {
  const seen: WatchedReading[] = [];
  const readToEnd = stream.readToEnd.bind(stream);
  stream.readToEnd = async function* (options) {
    if (!isMeant(options.filter)) return yield* readToEnd(options);
    const reading: WatchedReading = { afterSeq: options.afterSeq, seqs: [] };
    const isFirst = seen.push(reading) === 1;
    for await (const batch of readToEnd(options)) {
      for (const message of batch) {
        reading.seqs.push(message.seq);
        yield [message];
        if (isFirst) throw new OutsideError(code, 'It takes too long.', { retriable: true });
      }
    }
  };
  return seen;
};

const recordOf = ({ events, loads }: Track) => {
  const { runningSeconds, ...lines } = loads;
  const all = ({ between }: Track['loads']['stable']) => between(0, Number.MAX_SAFE_INTEGER);
  return {
    told: events.told.all(),
    loads: [lines.concurrency, lines.requests, lines.stable, lines.panic].map(all),
    ticks: lines.runningTicks,
    seconds: runningSeconds.points('concurrency'),
    ends: [lines.minutesEndMs, lines.tickAtMs],
  };
};

const isTicks = (filter: string): boolean => filter.endsWith('.ticks');
const isOfWorkload = (filter: string): boolean => filter.includes('.default.web.');

/** As the keeper does: those that a recorded minute holds. */
const purgeTicks = async ({ log, reader, partition }: RecordedStory): Promise<void> => {
  const track = await createTracks(ended.signal).read(reader, 'default/web', recently);
  const endMs = track?.loads.minutesEndMs ?? 0;
  const ticks: (RecordedEvent | undefined)[] = [];
  const all = { filter: partitionSubject(partition, 'ticks'), afterSeq: 0, signal: ended.signal };
  for await (const batch of log.events.readToEnd(all)) {
    ticks.push(...batch.map((message) => readDecoded(message, reader.partitionCount)));
  }
  const kept = ticks.find((tick) => tick !== undefined && tick.atMs >= endMs);
  expect(await log.events.purge(all.filter, kept?.seq ?? 0)).toBeGreaterThan(50);
};

it.each([
  ['the ticks', 'events', isTicks],
  ['the samples', 'samples', () => true],
  ['the minutes', 'minutes', () => true],
  ['the events', 'events', isOfWorkload],
] as const)(
  'goes on where reading %s took too long, also past ticks that were purged since',
  async (_, stream, isMeant) => {
    const story = await tellStory();
    const { reader, log } = story;
    const tracks = createTracks(ended.signal);
    const read = () => tracks.read(reader, 'default/web', recently);
    const seen = failFirst(log[stream], isMeant, 'NATS_TIMEOUT');
    await expect(read()).rejects.toMatchObject({ code: 'NATS_TIMEOUT' });
    const [first] = seen;
    await story.load(100, 8);
    await story.load(20, 30);
    await purgeTicks(story);
    const before = seen.length;
    const track = await read();
    expect(seen[before]?.afterSeq).toBe(first?.seqs[0]);
    const whole = await createTracks(ended.signal).read(reader, 'default/web', recently);
    if (track === undefined || whole === undefined) throw new Error('It is recorded.');
    expect(whole.loads.runningTicks).not.toEqual([]);
    expect(recordOf(track)).toEqual(recordOf(whole));
  },
);

it('whoever waits for the next reading has it when the one before took too long', async () => {
  const { reader, log } = await tellStory();
  const tracks = createTracks(ended.signal);
  const read = () => tracks.read(reader, 'default/web', recently);
  failFirst(log.events, isOfWorkload, 'NATS_TIMEOUT');
  const begun = Promise.withResolvers<void>();
  const readToEnd = log.minutes.readToEnd.bind(log.minutes);
  log.minutes.readToEnd = (options) => {
    begun.resolve();
    return readToEnd(options);
  };
  const readings = await Promise.allSettled([read(), begun.promise.then(read)]);
  expect(readings).toMatchObject([
    { status: 'rejected', reason: { code: 'NATS_TIMEOUT' } },
    { status: 'fulfilled', value: { workload: 'default/web' } },
  ]);
});

it('begins again after any other failure', async () => {
  const { reader, log } = await tellStory();
  const tracks = createTracks(ended.signal);
  const read = () => tracks.read(reader, 'default/web', recently);
  const seen = failFirst(log.events, isOfWorkload, 'NATS_RECONNECTED');
  await expect(read()).rejects.toMatchObject({ code: 'NATS_RECONNECTED' });
  await read();
  expect(seen.map(({ afterSeq }) => afterSeq)).toEqual([0, 0]);
});

it('knows nothing of what is not recorded', async () => {
  const { reader } = await tellStory();
  const tracks = createTracks(ended.signal);
  expect(await tracks.read(reader, 'default/other', recently)).toBeUndefined();
  expect(await tracks.read(reader, 'default/other', { fromMs: 0, toMs: 1 })).toBeUndefined();
});

it('lets so many wait and sends the others away, until there is room again', async () => {
  const tracks = createTracks(ended.signal);
  const held: (() => void)[] = [];
  const hold = () => tracks.run(() => new Promise<void>((resolve) => held.push(resolve)));
  const all = Array.from({ length: 4 + 64 }, hold);
  await expect(hold()).rejects.toThrow('4 readings are under way and 64 wait: ask again later.');
  expect(held).toHaveLength(4);
  for (let done = 0; done < all.length; done += 1) {
    await expect.poll(() => held.length).toBeGreaterThan(done);
    held[done]?.();
  }
  await Promise.all(all);
  expect(await tracks.run(async () => 'read')).toBe('read');
});
