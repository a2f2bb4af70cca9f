/** Calls wait for as long as the API server asked for when it answered 429. */
import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError } from './cluster-error.ts';

export interface Throttle {
  /** What a call was refused with. */
  note(error: unknown): void;
  /** Resolves when calls may be sent again; rejects, as the server would, after `maxMs`. */
  pass(what: string, maxMs: number): Promise<void>;
}

const tooMany = 429;

export const createThrottle = (): Throttle => {
  let againAtMs = Number.NEGATIVE_INFINITY;
  return {
    note: (error) => {
      if (!(error instanceof ClusterError) || error.status !== tooMany) return;
      againAtMs = Math.max(againAtMs, performance.now() + (error.retryAfterMs ?? 0));
    },
    pass: async (what, maxMs) => {
      const waitMs = againAtMs - performance.now();
      if (waitMs <= 0) return;
      if (waitMs > maxMs) {
        const retryAfterMs = Math.ceil(waitMs);
        const message = `${what}: the API server asked for a pause of ${retryAfterMs} ms more`;
        const why = { retriable: true, status: tooMany, retryAfterMs };
        throw new ClusterError('PLATFORM_UNREACHABLE', message, why);
      }
      await delay(waitMs);
    },
  };
};
