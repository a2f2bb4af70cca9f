/** How a state came about that is live now: for the span that is told of it. */
import type { Clock } from './clock.ts';
import type { Recovered } from './recover.ts';

export interface RecoveryFacts {
  readonly from: Recovered<unknown>['from']['kind'];
  /** Messages of the log that were read for it. */
  readonly messages: number;
  /** When it began to wait for its turn, UTC ms. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** Of a recovery that ends now. `startedMs` is monotonic. */
export const recoveryFacts = (
  clock: Clock,
  { from, messages, startedMs }: Pick<RecoveryFacts, 'from' | 'messages'> & { startedMs: number },
): RecoveryFacts => {
  const endedAtMs = clock.nowMs();
  const startedAtMs = endedAtMs - (clock.monotonicMs() - startedMs);
  return { from, messages, startedAtMs, endedAtMs };
};
