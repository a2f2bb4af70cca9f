/** Minutes are sent a few at a time. */
import { expect, it } from 'vitest';
import { minutesAtOnce, sendInTurns } from './send-in-turns.ts';

it('sends all in order, and no more at once than allowed', async () => {
  const minutes = Array.from({ length: 3 * minutesAtOnce + 1 }, (_, index) => index);
  const sent: number[] = [];
  let [underWay, most] = [0, 0];
  await sendInTurns(minutes, async (minute) => {
    underWay += 1;
    most = Math.max(most, underWay);
    sent.push(minute);
    await Promise.resolve();
    underWay -= 1;
  });
  expect(sent).toEqual(minutes);
  expect(most).toBe(minutesAtOnce);
});
