/** Waits on conditions, with a limit that only a failing test reaches. */
import { setTimeout as sleep } from 'node:timers/promises';

const limitMs = 15_000;
const pollMs = 10;

/** The first value of `look` that is not undefined. */
export const until = async <Value>(
  what: string,
  look: () => Value | undefined | Promise<Value | undefined>,
): Promise<Value> => {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > endMs) throw new Error(`Waited ${limitMs} ms in vain: ${what}`);
    await sleep(pollMs);
  }
};

/** Waits until the condition holds. */
export const untilTrue = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> => {
  await until(what, async () => ((await condition()) ? true : undefined));
};
