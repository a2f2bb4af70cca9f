/** Tries again what may still come up: a cluster, a server, its peers. */
import { setTimeout as wait } from 'node:timers/promises';
import { OutsideError } from '@flyball/contracts';

const pauseMs = 2_000;

export interface Patience {
  readonly limitMs: number;
  /** Told of every try that failed and is made again. */
  readonly onFailed: (error: unknown) => void;
}

/** No time mends these: somebody has to do something. */
const isFinal = (error: unknown): boolean =>
  !(error instanceof Error) ||
  error instanceof RangeError ||
  (error instanceof OutsideError &&
    ['NATS_STREAM_DIFFERS', 'PLATFORM_REFUSED', 'FILE_UNREADABLE'].includes(error.code));

/** Resolves with what `work` resolves with in the end; throws its last error after the limit. */
export const untilDone = async <Result>(
  { limitMs, onFailed }: Patience,
  work: () => Promise<Result>,
): Promise<Result> => {
  const startedAtMs = performance.now();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (isFinal(error) || performance.now() - startedAtMs + pauseMs > limitMs) throw error;
      onFailed(error);
    }
    await wait(pauseMs);
  }
};
