/** Times as the reader's clock shows them, in the same words as the command line. */

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

const two = (value: number): string => String(value).padStart(2, '0');

/** Two units that follow each other: `2 min 05 s`. */
const inTwo = (count: number, perUnit: number, unit: string, below: string): string =>
  `${Math.floor(count / perUnit)} ${unit} ${two(count % perUnit)} ${below}`;

/**
 * `350 ms`, `4.2 s`, `2 min 05 s`, `3 h 20 min`, `2 d 04 h`, rounded to what it shows; tenths of a
 * millisecond below ten.
 */
export const duration = (ms: number): string => {
  if (ms < 10 && !Number.isInteger(ms)) return `${ms.toFixed(1)} ms`;
  const wholeMs = Math.round(ms);
  if (wholeMs < secondMs) return `${wholeMs} ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / secondMs);
  if (seconds < 3_600) return inTwo(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return inTwo(minutes, 60, 'h', 'min');
  return inTwo(Math.round(minutes / 60), 24, 'd', 'h');
};

/** `10:41:30`, in the reader's zone. */
export const clockTime = (atMs: number): string => {
  const at = new Date(atMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};

/** `10:41:30.250`. */
export const exactTime = (atMs: number): string => {
  const thousandths = Math.floor(((atMs % secondMs) + secondMs) % secondMs);
  return `${clockTime(atMs)}.${String(thousandths).padStart(3, '0')}`;
};

const dayOf = (atMs: number): string => {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
};

/** The exact time, with its date where that is not the day of `nowMs`. */
export const dateAndTime = (atMs: number, nowMs: number): string =>
  dayOf(atMs) === dayOf(nowMs) ? exactTime(atMs) : `${dayOf(atMs)} ${exactTime(atMs)}`;

/** The time to the second, with its date where that is not the day of `nowMs`. */
export const datedClockTime = (atMs: number, nowMs: number): string =>
  dayOf(atMs) === dayOf(nowMs) ? clockTime(atMs) : `${dayOf(atMs)} ${clockTime(atMs)}`;

/** Both ends of a stretch of time, each with its date where that was not just said. */
export const timesBetween = (fromMs: number, toMs: number, nowMs: number): string =>
  `${datedClockTime(fromMs, nowMs)}–${datedClockTime(toMs, fromMs)}`;

/** `now`, `8 s ago`, `3 min ago`, `2 h ago`, `5 d ago`. */
export const ago = (atMs: number, nowMs: number): string => {
  const ageMs = nowMs - atMs;
  if (ageMs < 2 * secondMs) return 'now';
  if (ageMs < minuteMs) return `${Math.floor(ageMs / secondMs)} s ago`;
  if (ageMs < hourMs) return `${Math.floor(ageMs / minuteMs)} min ago`;
  if (ageMs < dayMs) return `${Math.floor(ageMs / hourMs)} h ago`;
  return `${Math.floor(ageMs / dayMs)} d ago`;
};

/** What an axis says at its marks that are `stepMs` apart: no more than they differ in. */
export const axisTime = (atMs: number, stepMs: number): string => {
  const at = new Date(atMs);
  if (stepMs < minuteMs) return clockTime(atMs);
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0;
  if (isMidnight || stepMs >= dayMs) return dayOf(atMs).slice(5);
  return clockTime(atMs).slice(0, 5);
};

/** `Europe/Berlin`: the zone that all times here are in. */
export const readersZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
