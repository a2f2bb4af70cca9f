/** Retries in place of what may succeed later, with pauses that grow to a limit. */
import { OutsideError } from '@flyball/contracts';
import { type Clock, sleep } from './clock.ts';

/** Pauses between two tries: they double from the first to the longest. */
export const retryPausesMs = { first: 50, longest: 1_000 } as const;

export interface RetryOptions {
  readonly clock: Clock;
  /** Ends the retries: the error of the last try is thrown then. */
  readonly signal: AbortSignal;
  /** Told before each pause. */
  readonly onRetry?: (error: OutsideError, attempt: number, pauseMs: number) => void;
}

/** How long to wait after the n-th failed try (from 1). */
export const retryPauseMs = (attempt: number): number =>
  Math.min(retryPausesMs.longest, retryPausesMs.first * 2 ** Math.min(attempt - 1, 30));

/** Tries until it succeeds, a non-retriable error comes, or the signal aborts. */
export const retryOutside = async <Value>(
  action: () => Promise<Value>,
  { clock, signal, onRetry }: RetryOptions,
): Promise<Value> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof OutsideError) || !error.retriable || signal.aborted) throw error;
      const pauseMs = retryPauseMs(attempt);
      onRetry?.(error, attempt, pauseMs);
      await sleep(clock, pauseMs, signal);
      if (signal.aborted) throw error;
    }
  }
};
