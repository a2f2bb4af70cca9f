/** How many Events each workload may tell: what goes beyond is counted, and told with the next. */
import type { WorkloadKey } from '@flyball/contracts';
import type { EventText } from '../objects/event-recorder.ts';
import { clockTime } from './event-text.ts';

/** Told in one go; then one in each pause. */
export const eventsAtOnceMax = 10;
export const eventPauseMs = 15_000;

interface Tokens {
  /** Events that may be told, as of `atMs`; monotonic. */
  left: number;
  atMs: number;
  kept: number;
  keptSinceMs: number;
}

export interface EventPace {
  /** The text as it is to be told now; undefined when it is only counted. `atMs` is the Event's. */
  take(workload: WorkloadKey, text: EventText, atMs: number): EventText | undefined;
  forget(workload: WorkloadKey): void;
}

const refill = (tokens: Tokens, nowMs: number): void => {
  const more = (nowMs - tokens.atMs) / eventPauseMs;
  tokens.left = Math.min(eventsAtOnceMax, tokens.left + more);
  tokens.atMs = nowMs;
};

/** `monotonicMs` never goes back. */
export const createEventPace = (monotonicMs: () => number): EventPace => {
  const byWorkload = new Map<WorkloadKey, Tokens>();
  return {
    take: (workload, text, atMs) => {
      const nowMs = monotonicMs();
      const fresh = { left: eventsAtOnceMax, atMs: nowMs, kept: 0, keptSinceMs: 0 };
      const tokens = byWorkload.get(workload) ?? fresh;
      byWorkload.set(workload, tokens);
      refill(tokens, nowMs);
      if (tokens.left < 1) {
        if (tokens.kept === 0) tokens.keptSinceMs = atMs;
        tokens.kept += 1;
        return undefined;
      }
      tokens.left -= 1;
      if (tokens.kept === 0) return text;
      const since = clockTime(tokens.keptSinceMs);
      const message = `${text.message} (${tokens.kept} more since ${since} were not told)`;
      tokens.kept = 0;
      return { ...text, message };
    },
    forget: (workload) => void byWorkload.delete(workload),
  };
};
