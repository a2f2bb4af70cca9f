/** What a test has heard, in words, one after the other. */
import { expect } from 'vitest';

export interface Heard {
  readonly words: string[];
  /** Waits until exactly this was heard since the last time. */
  hears(...expected: readonly string[]): Promise<void>;
}

export const createHeard = (): Heard => {
  const words: string[] = [];
  const hears = async (...expected: readonly string[]): Promise<void> => {
    await expect.poll(() => words).toEqual(expected);
    words.length = 0;
  };
  return { words, hears };
};
