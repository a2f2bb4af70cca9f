/** Times as people read them. */

const secondMs = 1_000;
const tenthMs = 100;

/** Two units that follow each other: `2 min 05 s`. */
const inTwo = (count: number, perUnit: number, unit: string, below: string): string => {
  const rest = String(count % perUnit).padStart(2, '0');
  return `${Math.floor(count / perUnit)} ${unit} ${rest} ${below}`;
};

/**
 * `350 ms`, `4.2 s`, `2 min 05 s`, `3 h 20 min`, `2 d 04 h`, rounded to what it shows; tenths of a
 * millisecond below ten.
 */
export const duration = (ms: number): string => {
  if (ms < 10 && !Number.isInteger(ms)) return `${ms.toFixed(1)} ms`;
  const wholeMs = Math.round(ms);
  if (wholeMs < secondMs) return `${wholeMs} ms`;
  const tenths = Math.round(ms / tenthMs);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / secondMs);
  if (seconds < 3_600) return inTwo(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return inTwo(minutes, 60, 'h', 'min');
  return inTwo(Math.round(minutes / 60), 24, 'd', 'h');
};

/** Time of day in the reader's zone, with milliseconds: `10:41:30.250`. */
export const timeOfDay = (atMs: number): string => {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const thousandths = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${thousandths}`;
};

/** Time of day, with the date before it when that is not today. */
export const dateAndTime = (atMs: number, nowMs: number): string => {
  const [at, now] = [new Date(atMs), new Date(nowMs)];
  if (at.toDateString() === now.toDateString()) return timeOfDay(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${timeOfDay(atMs)}`;
};
