/** Which try of which cause an action is: this makes its name, and no name is given twice. */
import type { FlyballEvent } from '@flyball/contracts';
import type { ApplyRouting, ApplyScale } from './input.ts';

/** Tries that failed since the last success or the last new target. */
export interface Tries {
  /** What the newest of them was made for. */
  readonly causeId: string;
  /** How often it failed for this cause in a row. */
  readonly attempts: number;
  /** The highest number that any of them had: ids follow from it, so none is used twice. */
  readonly lastAttempt: number;
  /** The platform said no; a newer decision need not wait for `againAtMs`. */
  readonly refused: boolean;
  readonly againAtMs: number;
}

/** The first try after a failure comes after this time; it doubles from there. */
const retryFirstMs = 50;
/** Tries are never further apart than this. */
export const retryLongestMs = 10_000;
/** What the platform refused is tried again after this: whoever mends it need not tell us. */
export const refusedPauseMs = 20_000;

/** How long to wait after the n-th failed try (from 1); a conflict is tried again at once. */
const retryAfterMs = (attempt: number, code: string): number =>
  code === 'PLATFORM_CONFLICT' && attempt === 1
    ? 0
    : Math.min(retryLongestMs, retryFirstMs * 2 ** Math.min(attempt - 1, 20));

/** The input id of an answer: what made the try necessary, and which try it was. */
export const scaleAnswerId = ({ causeId, attempt }: ApplyScale): string => `${causeId}:s${attempt}`;
export const routingAnswerId = ({ causeId, attempt }: ApplyRouting): string =>
  `${causeId}:r${attempt}`;

/** The other way: what an own fact was tried for. */
export const causeOf = (event: FlyballEvent): string => {
  const inputId = event.causationId ?? event.id;
  return inputId.replace(/:[sr]\d+$/, '');
};

/** With one more that failed. */
export const noteFailed = (
  before: Tries | null,
  event: FlyballEvent<'ScaleFailed' | 'RoutingFailed'>,
): Tries => {
  const { attempt, code, retriable } = event.data;
  const causeId = causeOf(event);
  const attempts = before?.causeId === causeId ? before.attempts + 1 : 1;
  const pauseMs = retriable ? retryAfterMs(attempts, code) : refusedPauseMs;
  return {
    causeId,
    attempts,
    lastAttempt: Math.max(before?.lastAttempt ?? 0, attempt),
    refused: !retriable,
    againAtMs: event.atMs + pauseMs,
  };
};

/**
 * Once it is done, or asked for under a name that was never used. A wake that stands may be tried
 * again under its own: the numbers go on with it.
 */
export const beginAnew = (tries: Tries | null, wake: object | null): Tries | null =>
  wake === null ? null : tries;

/** The number of the next try for this cause; null while it has to wait. */
export const nextTry = (tries: Tries | null, causeId: string, nowMs: number): number | null => {
  if (tries === null) return 1;
  const waits = tries.causeId === causeId && tries.againAtMs > nowMs;
  return waits ? null : tries.lastAttempt + 1;
};
