/** The time by which ticks fall: this machine's, unless it is ahead of what the log proves. */
import { tickEveryMs } from '@flyball/domain';
import type { Clock } from '@flyball/service';

/** A clock is believed while it is no further ahead of the log's time than this: one tick. */
export const aheadMaxMs = tickEveryMs;
/** What was heard twice as long ago counts no more: the server's clock may have been set back. */
export const heardForMs = 60_000;

export interface LogTime {
  /** UTC milliseconds, whole: of this clock, or of the log's when this one is too far ahead. */
  nowMs(): number;
  /** A message is there that the server stored at this time of its own clock. */
  heard(storedAtMs: number): void;
  /** False before the first message: then nothing is known but this clock. */
  readonly isKnown: boolean;
}

export interface LogTimeOptions {
  readonly clock: Clock;
  /** Told how far ahead this clock is when that is too far, and 0 when it is right again. */
  readonly onAhead: (aheadMs: number) => void;
}

const never = Number.NEGATIVE_INFINITY;

/**
 * The log's time never goes back, so a tick that is dated ahead silences the partition until its
 * time has come. The server's clock is another one: since it stored a message at its time `t`, at
 * least `t` and what the monotonic clock counted since then have passed.
 */
export const createLogTime = ({ clock, onAhead }: LogTimeOptions): LogTime => {
  // The server's time less the monotonic one: at least this, by the newest and the older messages.
  let [newest, older] = [never, never];
  let newestSinceMs = clock.monotonicMs();
  let isAhead = false;

  const note = (aheadMs: number): void => {
    if (aheadMs > 0 === isAhead) return;
    isAhead = aheadMs > 0;
    onAhead(aheadMs);
  };

  return {
    get isKnown() {
      return newest > never;
    },
    heard: (storedAtMs) => {
      const atMs = clock.monotonicMs();
      if (atMs - newestSinceMs >= heardForMs) {
        [newest, older] = [never, newest];
        newestSinceMs = atMs;
      }
      newest = Math.max(newest, storedAtMs - atMs);
    },
    nowMs: () => {
      const clockMs = clock.nowMs();
      const provenMs = Math.floor(Math.max(newest, older) + clock.monotonicMs());
      const aheadMs = clockMs - provenMs;
      const isTooFar = Number.isFinite(provenMs) && aheadMs > aheadMaxMs;
      note(isTooFar ? aheadMs : 0);
      return isTooFar ? provenMs : clockMs;
    },
  };
};
