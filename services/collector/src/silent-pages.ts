/** Which pages did not answer when they were asked last: they go last in line, in turns. */
import { createRecentNames } from './recent-names.ts';

/** Everybody is asked once in such a time. */
const roundMs = 1_000;
/** A page that nobody asks for any more is gone with its pod; a sample comes round sooner. */
const keptMs = 300_000;
/** The round before, and what this one is late. */
const wholeKeptMs = 2 * roundMs;

export interface Page {
  readonly name: string;
  /** What cannot be told without it; undefined: it stands alone. */
  readonly whole: string | undefined;
}

export interface SilentPages {
  /** Whether it did not answer in time when it was asked last. */
  isSilent(page: Page): boolean;
  /** Whether it was silent, or is not known while other pages of its whole are silent. */
  isLast(page: Page): boolean;
  /** Whether it was silent, and it is the turn of others first. */
  rests(page: Page): boolean;
  /** It was asked at `askedAtMs`, and its time is over. */
  fellSilent(page: Page, askedAtMs: number): void;
  /** It was last in line, and had no turn. */
  passedOver(page: Page): void;
  answered(page: Page): void;
  /** What is kept, in all. */
  readonly size: () => number;
}

export interface SilentPagesOptions {
  /** Silent ones that are asked in a round. */
  readonly atOnceMax: number;
  readonly monotonicMs: () => number;
}

/**
 * With more of them than turns each one that was asked rests until all others can have been: one
 * that would answer again is reached however many are silent for good. Of many pods of one workload
 * others are asked each round: they are not in front until they were found silent one by one.
 */
export const createSilentPages = ({ atOnceMax, monotonicMs }: SilentPagesOptions): SilentPages => {
  /** With the time when it was asked. */
  const silent = createRecentNames<number>(keptMs, monotonicMs);
  const silentWholes = createRecentNames<true>(wholeKeptMs, monotonicMs);
  /** Those that answered beside silent ones. */
  const heard = createRecentNames<true>(keptMs, monotonicMs);
  const isSilentIn = (whole: string | undefined): whole is string =>
    whole !== undefined && silentWholes.get(whole) !== undefined;
  const passedOver = ({ whole }: Page): void => {
    if (whole !== undefined) silentWholes.note(whole, true);
  };
  const isSilent = ({ name }: Page): boolean => silent.get(name) !== undefined;
  return {
    isSilent,
    isLast: (page) =>
      isSilent(page) || (isSilentIn(page.whole) && heard.get(page.name) === undefined),
    rests: (page) => {
      const askedAtMs = silent.get(page.name);
      if (askedAtMs === undefined) return false;
      silent.note(page.name, askedAtMs);
      // Half a round less: rounds do not begin at quite the same moment.
      const restMs = Math.ceil(silent.size() / atOnceMax) * roundMs - roundMs / 2;
      return monotonicMs() - askedAtMs < restMs;
    },
    fellSilent: (page, askedAtMs) => {
      silent.note(page.name, askedAtMs);
      heard.forget(page.name);
      passedOver(page);
    },
    passedOver,
    answered: ({ name, whole }) => {
      silent.forget(name);
      if (isSilentIn(whole)) heard.note(name, true);
    },
    size: () => silent.size() + silentWholes.size() + heard.size(),
  };
};
