/** Moments as people give them: an ISO time, a time of day, or how long ago. */

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const dayMs = unitMs.d;

const agoPattern = /^-?(\d{1,6})(s|m|h|d)$/;
const timeOfDayPattern = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;
const isoPattern = /^\d{4}-\d{2}-\d{2}(?:[T ].+)?$/;

/** What is allowed, for help and complaints. */
export const momentsAllowed =
  'an ISO time (2026-01-31T10:41:30Z), a time of day (10:41 or 10:41:30), ' +
  'or how long ago (-5m; s, m, h, d)';

const atTimeOfDay = (parts: readonly number[], nowMs: number): number => {
  const [hours = 0, minutes = 0, seconds = 0] = parts;
  const at = new Date(nowMs);
  at.setHours(hours, minutes, seconds, 0);
  // A time of day that has not come yet is yesterday's.
  return at.getTime() <= nowMs ? at.getTime() : at.getTime() - dayMs;
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
  if (!isoPattern.test(text)) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
};
