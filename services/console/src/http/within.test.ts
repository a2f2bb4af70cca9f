/** Nobody waits longer than is said, whatever is waited for. */
import type { Clock } from '@flyball/service';
import { expect, it } from 'vitest';
import { within } from './within.ts';

/** A clock whose timers run out when the test says so. */
const heldClock = () => {
  const actions = new Set<() => void>();
  const clock: Pick<Clock, 'after'> = {
    after: (_, action) => {
      actions.add(action);
      return () => actions.delete(action);
    },
  };
  const runOut = (): void => {
    for (const action of actions) action();
  };
  return { clock, actions, runOut };
};

it('gives what comes in time, and leaves no timer', async () => {
  const { clock, actions } = heldClock();
  expect(await within(clock, 5_000, Promise.resolve('read'))).toBe('read');
  const broken = within(clock, 5_000, Promise.reject(new Error('broken')));
  await expect(broken).rejects.toThrow('broken');
  expect(actions.size).toBe(0);
});

it('says that it takes too long, and is not troubled by what comes of it then', async () => {
  const { clock, runOut } = heldClock();
  let fail = (_: Error): void => undefined;
  const work = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const found = within(clock, 5_000, work);
  runOut();
  await expect(found).rejects.toMatchObject({ code: 'NATS_TIMEOUT' });
  await expect(found).rejects.toThrow('takes longer than 5 s');
  fail(new Error('too late'));
  await expect(work).rejects.toThrow('too late');
});
