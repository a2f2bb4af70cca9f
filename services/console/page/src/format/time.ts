/** Times as the reader's clock shows them, in the same words as the command line. */

export { dateAndTime, duration, timeOfDay } from '@flyball/reading/times';

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

const two = (value: number): string => String(value).padStart(2, '0');

/** `10:41:30`, in the reader's zone. */
export const clockTime = (atMs: number): string => {
  const at = new Date(atMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};

const dayOf = (atMs: number): string => {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
};

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
