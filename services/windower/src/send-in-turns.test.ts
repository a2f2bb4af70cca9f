/** Minutes are recorded beside the ticks, not before them. */
import { expect, it } from 'vitest';
import { minutesAtOnce, sendInTurns } from './send-in-turns.ts';
import { openStory, windowsOf } from './testing/windower-story.ts';

it('sends all in order, and no more at once than allowed', async () => {
  const minutes = Array.from({ length: 3 * minutesAtOnce + 1 }, (_, index) => index);
  const sent: number[] = [];
  let [underWay, most] = [0, 0];
  const send = async (minute: number): Promise<void> => {
    underWay += 1;
    most = Math.max(most, underWay);
    sent.push(minute);
    await Promise.resolve();
    underWay -= 1;
  };
  await sendInTurns(minutes, send, () => false);
  expect(sent).toEqual(minutes);
  expect(most).toBe(minutesAtOnce);
});

it('sends no more once the state is discarded: each might wait long', async () => {
  const minutes = Array.from({ length: 3 * minutesAtOnce }, (_, index) => index);
  const sent: number[] = [];
  const send = async (minute: number): Promise<void> => void sent.push(minute);
  await sendInTurns(minutes, send, () => sent.length > 0);
  expect(sent).toEqual(minutes.slice(0, minutesAtOnce));
});

it('says the next tick while minutes of the one before are on their way', async () => {
  const story = openStory();
  await story.bringUp(windowsOf(6, 2));
  const owner = await story.begin();
  const { minutes } = owner.link;
  const append = minutes.append.bind(minutes);
  let isHeld = true;
  minutes.append = async (message) => {
    while (isHeld) await story.time.pass(100);
    return append(message);
  };
  await story.live(67, 10);
  // So little more that nobody pokes for it.
  await story.live(69, 11);
  expect((await story.rows()).at(-1)).toMatch(/^68200 tick/);
  expect(await story.minutes()).toEqual([]);
  isHeld = false;
  await story.live(71, 11);
  expect(await story.minutes()).toHaveLength(1);
});
