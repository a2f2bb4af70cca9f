/** Waits on conditions, each with a limit and with what was last seen when it is over. */
import { setTimeout as wait } from 'node:timers/promises';

const pollMs = 100;

export interface Waiting {
  readonly limitMs: number;
  /** What to show when the limit is over. */
  readonly seen?: () => unknown;
}

/** Resolves with the first value of `probe` that is neither undefined nor false. */
export const until = async <Value>(
  what: string,
  { limitMs, seen }: Waiting,
  probe: () => Promise<Value | undefined | false> | Value | undefined | false,
): Promise<Value> => {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endMs) break;
    await wait(pollMs);
  }
  const told =
    seen === undefined ? '' : ` Last seen: ${JSON.stringify(await seen(), undefined, 1)}`;
  throw new Error(`Waited ${limitMs} ms in vain until ${what}.${told}`);
};
