/** A windower whose lease ran out, and that nobody else replaced: it goes on from where it was. */
import { answersSubject, samplesSubject, streams } from '@flyball/contracts';
import { expect, it } from 'vitest';
import { partition } from './testing/bare-tenure.ts';
import { openStory, startMs, windowsOf } from './testing/windower-story.ts';

/** Renewals wait in this time; its leases run out in the middle of it. */
const heldUpMs = { from: 20_500, until: 24_500 };
const isHeldUp = (atMs: number): boolean => atMs >= heldUpMs.from && atMs < heldUpMs.until;

const begun = async () => {
  const story = openStory({ isHeldUp });
  await story.bringUp(windowsOf(10, 10));
  const owner = await story.begin();
  await story.live(20, 10);
  return { story, owner };
};

type Story = Awaited<ReturnType<typeof begun>>['story'];

/** Nothing that was stored tells of the past any more: only memory does. */
const forgetThePast = async ({ server, windows }: Story): Promise<void> => {
  const { samples } = server.connect();
  await samples.purge(samplesSubject(partition), server.lastSeq(streams.samples));
  await windows.open().clear(partition);
};

it('knows its windows, and takes in what was measured meanwhile', async () => {
  const { story } = await begun();
  await story.time.run(heldUpMs.from + 2_400);
  await forgetThePast(story);
  await story.live(30, 20);
  // 22200 and 24200 fell into the time that it did not own.
  const ticks = (await story.rows()).filter((row) => row.includes('tick'));
  expect(ticks.slice(-3)).toEqual(['2200 tick 10', '26200 tick 16', '28200 tick 18']);
});

it('is folded anew where an operator asked for it meanwhile', async () => {
  const { story } = await begun();
  await story.time.run(heldUpMs.from + 2_400);
  await forgetThePast(story);
  const subject = answersSubject(partition, 'windower', 'refold');
  await story.server.connect().deadLetters.append({ subject, id: 'retry-1', body: '{}' });
  await story.live(30, 20);
  const ticks = (await story.rows()).filter((row) => row.includes('tick'));
  // Of the seconds before, the last message of SAMPLES holds one.
  expect(ticks.slice(-2)).toEqual(['26200 tick 18.571', '28200 tick 18.889']);
});

it('records each minute once, whole', async () => {
  const { story } = await begun();
  await story.live(135, 10);
  const minutes = await story.minutes();
  expect(minutes.map(({ data }) => data.concurrencyMilli)).toEqual([
    Array(60).fill(10_000),
    Array(60).fill(10_000),
  ]);
});

it('leaves Redis whole', async () => {
  const { story } = await begun();
  await story.live(40, 10);
  await story.time.run(story.time.nowMs + 500);
  const stored = await story.windows.open().load(partition);
  expect(stored?.cursorSeq).toBe(story.server.lastSeq(streams.samples));
  const seconds = stored?.seconds.map(({ secondAtMs }) => (secondAtMs - startMs) / 1_000) ?? [];
  expect(seconds.sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
});

it('does not trust its memory where the log lost what it remembers', async () => {
  const { story, owner } = await begun();
  await story.time.run(heldUpMs.from + 2_400);
  owner.link.disconnect();
  story.server.loseTail(streams.samples, 4);
  await story.live(24, 20);
  owner.link.reconnect();
  await story.live(70, 10);
  const [minute] = await story.minutes();
  const seconds = minute?.data.concurrencyMilli.map((milli) => (milli ?? 0) / 1_000);
  expect(seconds).toEqual([...Array(20).fill(10), ...Array(4).fill(20), ...Array(36).fill(10)]);
});
