/** Faults of a platform's calls, planned one by one and met in that order. */
import { OutsideError, type OutsideErrorCode } from '@flyball/contracts';

export type PlatformCall = 'get' | 'scale' | 'route';

/**
 * `timeout`: nothing was done. `answer-lost`: it was done, but the caller hears of a timeout.
 * The others: nothing was done, and the platform says so.
 */
export type Fault = 'conflict' | 'gone' | 'refused' | 'overloaded' | 'timeout' | 'answer-lost';

const errors: Record<Fault, readonly [OutsideErrorCode, string, boolean]> = {
  conflict: ['PLATFORM_CONFLICT', 'the object changed', false],
  gone: ['PLATFORM_GONE', 'the object is gone', false],
  refused: ['PLATFORM_REFUSED', 'the platform refused (403)', false],
  overloaded: ['PLATFORM_REFUSED', 'the platform has too many requests (429)', true],
  timeout: ['PLATFORM_UNREACHABLE', 'the platform did not answer in time', true],
  'answer-lost': ['PLATFORM_UNREACHABLE', 'the platform did not answer in time', true],
};

export interface Faults {
  /** The next `times` calls of this kind meet this fault, after those planned earlier. */
  readonly plan: (call: PlatformCall, fault: Fault, times?: number) => void;
  /** Forgets what was planned and not met yet. */
  readonly forget: () => void;
  /** Does the call, or fails as planned. */
  readonly through: <Value>(call: PlatformCall, act: () => Value) => Value;
}

export const createFaults = (): Faults => {
  const planned: Record<PlatformCall, Fault[]> = { get: [], scale: [], route: [] };
  return {
    plan: (call, fault, times = 1) => {
      for (let time = 0; time < times; time += 1) planned[call].push(fault);
    },
    forget: () => {
      for (const waiting of Object.values(planned)) waiting.length = 0;
    },
    through: (call, act) => {
      const fault = planned[call].shift();
      if (fault === undefined) return act();
      if (fault === 'answer-lost') act();
      const [code, message, retriable] = errors[fault];
      throw new OutsideError(code, message, { retriable });
    },
  };
};
