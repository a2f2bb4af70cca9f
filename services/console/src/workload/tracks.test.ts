/** A workload is read once, then only what is new; and no more at once than may be. */
import { tellStory } from '@flyball/reading/testing';
import { expect, it } from 'vitest';
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
