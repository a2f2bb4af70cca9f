/** Times as people read them. */

const secondMs = 1_000;
const minuteMs = 60_000;

/** `350 ms`, `4.2 s`, `2 min 05 s`. */
export const duration = (ms: number): string => {
  if (ms < secondMs) return `${Math.round(ms)} ms`;
  if (ms < minuteMs) return `${(ms / secondMs).toFixed(1)} s`;
  const seconds = Math.round((ms % minuteMs) / secondMs);
  return `${Math.floor(ms / minuteMs)} min ${String(seconds).padStart(2, '0')} s`;
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
