/** A sliding window of one-second buckets with the averages of Knative, to the last digit. */

/** `linear` divides the total by the seconds; `weighted-exponential` lets older seconds fade. */
export type WindowAlgorithm = 'linear' | 'weighted-exponential';

/**
 * The window owns its buckets and changes in place. Seconds are whole seconds since 1970; a bucket
 * lives at `second % buckets.length`, so those of the last window never meet.
 */
export interface Window {
  readonly algorithm: WindowAlgorithm;
  windowMs: number;
  buckets: Float64Array;
  /** Running total of the buckets, kept by adding and subtracting as samples come and go. */
  total: number;
  /** The earliest second that counts; `never` before the first sample. */
  firstSecond: number;
  /** The newest second written. */
  lastSecond: number;
  /** What was written of seconds before this one has been dropped by a resize. */
  heldFromSecond: number;
}

const never = Number.NEGATIVE_INFINITY;
const msPerSecond = 1000;
/** What the weights of a full exponential window add up to. */
const weightCovered = 0.9999;
const smoothingMin = 0.2;
const averageDigits = 1e6;

const bucketCount = (windowMs: number): number => Math.max(1, Math.ceil(windowMs / msPerSecond));
const slot = (window: Window, second: number): number => second % window.buckets.length;

export const createWindow = (algorithm: WindowAlgorithm, windowMs: number): Window => ({
  algorithm,
  windowMs,
  buckets: new Float64Array(bucketCount(windowMs)),
  total: 0,
  firstSecond: never,
  lastSecond: never,
  heldFromSecond: never,
});

const emptyWindow = (window: Window): void => {
  window.buckets.fill(0);
  window.total = 0;
  window.firstSecond = never;
  window.lastSecond = never;
};

/** Forgets every sample: the next one starts a new window. */
export const clearWindow = (window: Window): void => {
  emptyWindow(window);
  window.heldFromSecond = never;
};

/** Where a window begins and ends, and from which second on it has all that was written. */
export type WindowSpan = Pick<Window, 'firstSecond' | 'lastSecond' | 'heldFromSecond'>;

/** Forgets every sample but not where they were: until they are written again, they are zero. */
export const spanWindow = (window: Window, span: WindowSpan): void => {
  emptyWindow(window);
  window.firstSecond = span.firstSecond;
  window.lastSecond = span.lastSecond;
  window.heldFromSecond = span.heldFromSecond;
};

/** Copies what `from` holds into `to`, which takes over its length too. */
export const copyWindow = (from: Window, to: Window): void => {
  if (to.buckets.length === from.buckets.length) to.buckets.set(from.buckets);
  else to.buckets = from.buckets.slice();
  to.windowMs = from.windowMs;
  to.total = from.total;
  to.firstSecond = from.firstSecond;
  to.lastSecond = from.lastSecond;
  to.heldFromSecond = from.heldFromSecond;
};

const advanceTo = (window: Window, second: number): void => {
  if ((second - window.lastSecond) * msPerSecond >= window.windowMs) {
    emptyWindow(window);
    window.firstSecond = second;
  } else {
    for (let skipped = window.lastSecond + 1; skipped <= second; skipped += 1) {
      const index = slot(window, skipped);
      window.total -= window.buckets[index] ?? 0;
      window.buckets[index] = 0;
    }
  }
  window.lastSecond = second;
};

/** Is the second a whole window (or more) before the newest one? */
export const isTooLate = (window: Window, second: number): boolean =>
  second * msPerSecond + window.windowMs <= window.lastSecond * msPerSecond;

/**
 * Adds a value to the bucket of its second; several values of one second add up, and a correction
 * is the difference. Anything stamped a whole window before the newest second is dropped.
 */
export const recordSample = (window: Window, second: number, value: number): void => {
  if (second !== window.lastSecond) {
    if (isTooLate(window, second)) return;
    if (window.firstSecond === never || second < window.firstSecond) window.firstSecond = second;
    if (second > window.lastSecond) advanceTo(window, second);
  }
  const index = slot(window, second);
  window.buckets[index] = (window.buckets[index] ?? 0) + value;
  window.total += value;
};

/** No data: nothing was written for more than a whole window. */
export const isWindowEmpty = (window: Window, nowSecond: number): boolean =>
  (nowSecond - window.lastSecond) * msPerSecond > window.windowMs;

/** Six decimals, halves away from zero, as Go's math.Round has it. */
const rounded = (value: number): number => {
  const scaled = value * averageDigits;
  const whole = Math.trunc(scaled);
  // Beyond 2^52 a double has no fraction left, and adding a half would invent one.
  if (!Number.isFinite(scaled) || Math.abs(scaled) >= 2 ** 52) return scaled / averageDigits;
  const away = Math.abs(scaled - whole) >= 0.5 ? whole + Math.sign(scaled) : whole;
  return away / averageDigits;
};

const linearAverage = (window: Window, nowSecond: number): number => {
  const silentSeconds = Math.max(0, nowSecond - window.lastSecond);
  if (silentSeconds * msPerSecond >= window.windowMs) return 0;
  let total = window.total;
  for (let ahead = 1; ahead <= silentSeconds; ahead += 1) {
    total -= window.buckets[slot(window, window.lastSecond + ahead)] ?? 0;
  }
  const seconds = Math.min(
    window.lastSecond - window.firstSecond + 1,
    window.buckets.length - silentSeconds,
  );
  return rounded(total / seconds);
};

/** The share that the newest of `buckets` seconds has in a weighted average. */
const smoothingOf = (buckets: number): number =>
  Math.max(1 - (1 - weightCovered) ** (1 / buckets), smoothingMin);

/** The same, by the length of the window; a second before it has what that one leaves of it. */
export const weightOfNewest = (windowMs: number): number => smoothingOf(bucketCount(windowMs));

const weightedAverage = (window: Window, nowSecond: number): number => {
  if (isWindowEmpty(window, nowSecond)) return 0;
  const buckets = window.buckets.length;
  const smoothing = smoothingOf(buckets);
  const silentSeconds = Math.max(0, nowSecond - window.lastSecond);
  let weight = smoothing * (1 - smoothing) ** silentSeconds;
  let average = 0;
  for (let back = 0; back < buckets - silentSeconds; back += 1) {
    average += (window.buckets[slot(window, window.lastSecond + buckets - back)] ?? 0) * weight;
    weight *= 1 - smoothing;
  }
  return average;
};

/**
 * The average as of `nowSecond`: partial windows divide by the seconds since the first sample,
 * gaps between samples are zero, silence at the end is not; a silent window is 0.
 */
export const windowAverage = (window: Window, nowSecond: number): number =>
  window.algorithm === 'linear'
    ? linearAverage(window, nowSecond)
    : weightedAverage(window, nowSecond);

/** Keeps the newest seconds; the first second then counts from the old length, as in Knative. */
export const resizeWindow = (window: Window, windowMs: number, nowSecond: number): void => {
  if (windowMs === window.windowMs) return;
  const oldBuckets = window.buckets;
  const oldLength = oldBuckets.length;
  const buckets = new Float64Array(bucketCount(windowMs));
  const last = window.lastSecond;
  if (isWindowEmpty(window, nowSecond)) {
    emptyWindow(window);
    window.heldFromSecond = Math.max(window.heldFromSecond, last + 1);
  } else {
    window.total = 0;
    for (let back = 0; back < Math.min(buckets.length, oldLength); back += 1) {
      const value = oldBuckets[(last + oldLength - back) % oldLength] ?? 0;
      buckets[(last + buckets.length - back) % buckets.length] = value;
      window.total += value;
    }
    window.firstSecond = last - (oldLength - 1);
    const kept = Math.min(buckets.length, oldLength);
    window.heldFromSecond = Math.max(window.heldFromSecond, last - kept + 1);
  }
  window.buckets = buckets;
  window.windowMs = windowMs;
};
