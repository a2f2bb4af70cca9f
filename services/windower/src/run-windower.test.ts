/** What a windower must not go on from: each story ends in a number that would be wrong else. */
import { streams } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import { openStory, type StoryOptions, startMs, windowsOf } from './testing/windower-story.ts';

/** A windower over one workload that has a load of 10, and is 6 s old. */
const begun = async (options: StoryOptions = {}) => {
  const story = openStory(options);
  await story.bringUp(windowsOf(6, 2));
  const owner = await story.begin();
  await story.live(6, 10);
  expect(await story.rows()).toEqual(['200 tick none', '2200 tick 10']);
  return { story, owner };
};

/** The load of each second of the first minute, as its minute tells it. */
const firstMinute = async (story: ReturnType<typeof openStory>) => {
  const [minute] = await story.minutes();
  expect(minute?.data.minuteAtMs).toBe(startMs);
  return minute?.data.concurrencyMilli.map((milli) => (milli === null ? null : milli / 1_000));
};

describe('a tick that another owner wrote', () => {
  it('stands, and what it said wrong is put right by the next', async () => {
    const { story, owner } = await begun();
    owner.link.disconnect();
    await story.rivalSays(`w${startMs + 6_200}-1`, 6_200, 4);
    await story.time.run(6_500);
    owner.link.reconnect();
    await story.live(10, 10);
    expect((await story.rows()).slice(2)).toEqual(['6200 tick 4', '8200 tick 10']);
  });

  it('in the place of its own does not keep minutes from being recorded', async () => {
    const { story, owner } = await begun();
    owner.link.disconnect();
    await story.rivalSays('k5-1', 6_100, 10);
    await story.time.run(6_500);
    owner.link.reconnect();
    await story.live(70, 10);
    expect(await firstMinute(story)).toEqual(Array(60).fill(10));
  });
});

describe('a log that comes back without its tail', () => {
  it('has other events in the place of the lost ones: they count', async () => {
    const { story, owner } = await begun();
    await story.time.run(6_500);
    const kept = story.server.lastSeq(streams.events);
    await story.tell('PodUnready', { pod: 'p1', reason: 'probe-failed', message: '' });
    await story.time.run(6_600);
    owner.link.disconnect();
    story.server.loseTail(streams.events, kept);
    await story.bringUp(windowsOf(6, 2), 'default/api');
    owner.link.reconnect();
    await story.live(10, 10);
    expect(await story.rows('default/api')).toEqual(['8200 tick none']);
  });

  it('has other batches in the place of the lost ones: no second is missing', async () => {
    const { story, owner } = await begun();
    await story.time.run(6_900);
    owner.link.disconnect();
    story.server.loseTail(streams.samples, 5);
    await story.live(7, 20);
    owner.link.reconnect();
    await story.live(70, 10);
    expect(await firstMinute(story)).toEqual([...Array(6).fill(10), 20, ...Array(53).fill(10)]);
  });
});

describe('an owner that ends', () => {
  it('keeps no snapshot of a poke that is still on its way: the next owner says it', async () => {
    const story = openStory({ appendTakesMs: ({ id }) => (id.startsWith('k') ? 500 : 0) });
    await story.bringUp(windowsOf(6, 2));
    const owner = await story.begin();
    await story.silence(6);
    await story.sample(6, 50, { partial: true });
    await story.time.run(6_100);
    void owner.drain();
    await story.time.run(6_300);
    owner.kill();
    await story.begin();
    await story.live(20, 50);
    expect((await story.rows()).at(-1)).toMatch(/ 50$/);
  });
});

describe('what Redis was told', () => {
  /** Its owner dies, and SAMPLES are gone: only Redis knows the seconds before. */
  const goOnFromRedis = async ({ story, owner }: Awaited<ReturnType<typeof begun>>) => {
    await story.live(12, 10);
    await story.time.run(12_500);
    owner.kill();
    story.server.recreate(streams.samples);
    await story.begin();
    await story.live(70, 10);
    return firstMinute(story);
  };

  it('and did not take is told again', async () => {
    const taken = await begun({ isRedisAway: (atMs) => atMs > 2_900 && atMs < 3_900 });
    expect(await goOnFromRedis(taken)).toEqual(Array(60).fill(10));
  });

  it('and has lost is told again', async () => {
    const taken = await begun();
    taken.story.windows.flush();
    expect(await goOnFromRedis(taken)).toEqual(Array(60).fill(10));
  });
});
