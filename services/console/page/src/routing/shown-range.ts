/** Which stretch of time is shown: the last so many minutes, or one that stands still. */

const minuteMs = 60_000;

const lengthsMs = {
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '1h': 60 * minuteMs,
  '6h': 360 * minuteMs,
  '24h': 1_440 * minuteMs,
} as const;

export type RangeName = keyof typeof lengthsMs;

export const rangeNames = Object.keys(lengthsMs) as readonly RangeName[];

export const isRangeName = (text: string): text is RangeName => Object.hasOwn(lengthsMs, text);

/** In words: `5 minutes`. */
export const rangeWords: Readonly<Record<RangeName, string>> = {
  '5m': '5 minutes',
  '15m': '15 minutes',
  '1h': '1 hour',
  '6h': '6 hours',
  '24h': '24 hours',
};

export interface Stretch {
  /** UTC ms. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** One that ends now, by its name, or one that stands still. */
export type ShownRange = RangeName | Stretch;

/** Nothing shorter is shown: samples are one second apart. */
const shortestMs = 5_000;

/** What is shown at `nowMs`. */
export const shownStretch = (range: ShownRange, nowMs: number): Stretch =>
  typeof range === 'string' ? { fromMs: nowMs - lengthsMs[range], toMs: nowMs } : range;

/** Some time around a middle, as long as is good to look at. */
export const stretchAround = ({ fromMs, toMs }: Stretch): Stretch => {
  const missingMs = Math.max(0, shortestMs - (toMs - fromMs));
  return {
    fromMs: Math.floor(fromMs - missingMs / 2),
    toMs: Math.ceil(toMs + missingMs / 2),
  };
};
