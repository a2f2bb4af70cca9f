/** Since when nothing was heard of what a page shows, where that is too long ago. */

/** Ticks come every two seconds: four of them were missed. */
export const silentAfterMs = 8_000;

/** What was heard last, by the clocks of those who told it and of the reader. */
export interface Heard {
  /** What is known is as of then, by the console's clock; null: nothing is known. */
  readonly asOfMs: number | null;
  /** When that was told, by the console's clock. */
  readonly toldAtMs: number;
  /** The same, by the reader's clock: the two need not agree. */
  readonly cameAtMs: number;
}

export const nothingHeard: Heard = { asOfMs: null, toldAtMs: 0, cameAtMs: 0 };

/** What the console's clock shows while the reader's shows `nowMs`. */
export const consoleTime = ({ toldAtMs, cameAtMs }: Heard, nowMs: number): number =>
  nowMs - (cameAtMs - toldAtMs);

/** UTC ms by the reader's clock; null while it is not silent, or has never spoken. */
export const silentSince = (
  { asOfMs, toldAtMs, cameAtMs }: Heard,
  nowMs: number,
): number | null => {
  if (asOfMs === null) return null;
  const heardAtMs = cameAtMs - Math.max(0, toldAtMs - asOfMs);
  return nowMs - heardAtMs > silentAfterMs ? heardAtMs : null;
};

/** The later one of two; what is as of the same moment was not heard anew. */
export const laterHeard = (before: Heard, next: Heard): Heard =>
  (next.asOfMs ?? Number.NEGATIVE_INFINITY) > (before.asOfMs ?? Number.NEGATIVE_INFINITY)
    ? next
    : before;

/** The newest of several ticks; null where none was seen. */
export const newestTick = (tickAtMs: readonly (number | null)[]): number | null =>
  tickAtMs.reduce<number | null>(
    (newest, atMs) =>
      atMs !== null && atMs > (newest ?? Number.NEGATIVE_INFINITY) ? atMs : newest,
    null,
  );
