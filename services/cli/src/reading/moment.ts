/** Moments as people give them: an ISO time, a time of day, or how long ago. */

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const agoPattern = /^-?(\d{1,6})(s|m|h|d)$/;
const timeOfDayPattern = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;
const isoPattern = /^(\d{4})-(\d{2})-(\d{2})([T ].+)?$/;

/** What is allowed, for help and complaints. */
export const momentsAllowed =
  'an ISO time (2026-01-31T10:41:30Z), a time of day (10:41 or 10:41:30), ' +
  'or how long ago (-5m; s, m, h, d)';

const atTimeOfDay = (parts: readonly number[], nowMs: number): number => {
  const [hours = 0, minutes = 0, seconds = 0] = parts;
  const at = new Date(nowMs);
  at.setHours(hours, minutes, seconds, 0);
  // A time of day that has not come yet is yesterday's.
  if (at.getTime() > nowMs) at.setDate(at.getDate() - 1);
  return at.getTime();
};

/** The last of a month has 28 to 31; what is beyond it is not taken for the next month's. */
const isDay = (year: number, month: number, day: number): boolean =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;

const atIsoTime = (text: string): number | undefined => {
  const [, year, month, day, time] = isoPattern.exec(text) ?? [];
  if (!isDay(Number(year), Number(month), Number(day))) return undefined;
  // A date alone would be read in UTC.
  const atMs = Date.parse(time === undefined ? `${text}T00:00` : text);
  return Number.isNaN(atMs) ? undefined : atMs;
};

/** UTC milliseconds, read in the reader's zone; undefined when it is none of what is allowed. */
export const parseMoment = (text: string, nowMs: number): number | undefined => {
  const ago = agoPattern.exec(text);
  if (ago !== null) return nowMs - Number(ago[1]) * unitMs[ago[2] as keyof typeof unitMs];
  const time = timeOfDayPattern.exec(text);
  if (time !== null)
    return atTimeOfDay(
      time.slice(1).map((part) => Number(part ?? 0)),
      nowMs,
    );
  return atIsoTime(text);
};
