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

export interface Span {
  /** UTC ms. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** One that ends now, by its name, or one that stands still. */
export type ShownRange = RangeName | Span;

/** Nothing shorter is shown: samples are one second apart. */
const shortestMs = 5_000;

/** What is shown at `nowMs`. */
export const shownSpan = (range: ShownRange, nowMs: number): Span =>
  typeof range === 'string' ? { fromMs: nowMs - lengthsMs[range], toMs: nowMs } : range;

/** Some time around a middle, as long as is good to look at. */
export const spanAround = ({ fromMs, toMs }: Span): Span => {
  const missingMs = Math.max(0, shortestMs - (toMs - fromMs));
  return {
    fromMs: Math.floor(fromMs - missingMs / 2),
    toMs: Math.ceil(toMs + missingMs / 2),
  };
};

/** The moment `steps` away from another in a list of moments in order; the nearest end at most. */
export const momentBeside = (
  momentsMs: readonly number[],
  atMs: number | null,
  steps: number,
): number | undefined => {
  const last = momentsMs.length - 1;
  if (last < 0) return undefined;
  const after = atMs === null ? -1 : momentsMs.findIndex((momentMs) => momentMs >= atMs);
  const at = after === -1 ? last + 1 : after;
  // Between two moments a step back and a step on lead to those two.
  const isBetween = atMs !== null && momentsMs[at] !== atMs && steps > 0;
  return momentsMs[Math.min(last, Math.max(0, at + steps - (isBetween ? 1 : 0)))];
};

/** The index of the last moment that is not after `atMs`; -1 before the first. */
export const indexAt = (momentsMs: readonly number[], atMs: number): number => {
  let [low, high] = [0, momentsMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((momentsMs[middle] ?? Number.POSITIVE_INFINITY) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
