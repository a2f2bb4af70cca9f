/** Looks, when a reader was made anew, whether the log still holds what was read. */
import {
  classifyPosition,
  type EventStream,
  type Position,
  type PositionVerdict,
} from '@flyball/event-log';
import { type RetryOptions, retryOutside } from './retry.ts';

/** What of the log was read and is no longer there. */
export interface LogLoss {
  readonly verdict: Exclude<PositionVerdict, { kind: 'ok' }>;
  readonly expected: Position;
}

/** Compares a position with the stream as it is now; undefined: all is there. */
export const lossAt = async (
  stream: EventStream,
  expected: Position,
): Promise<LogLoss | undefined> => {
  const state = await stream.state();
  const message = expected.seq === 0 ? undefined : await stream.at(expected.seq);
  const verdict = classifyPosition(state, expected, message);
  return verdict.kind === 'ok' ? undefined : { verdict, expected };
};

export interface PositionCheckOptions extends RetryOptions {
  readonly stream: EventStream;
  readonly position: () => Position;
  readonly onLost: (loss: LogLoss) => void;
}

export interface PositionCheck {
  /** At each resume of the reader. */
  begin(): void;
  /** Until then nothing more may be taken: a log without its tail repeats its sequences. */
  settled(): Promise<void>;
}

export const createPositionCheck = (options: PositionCheckOptions): PositionCheck => {
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    if (options.signal.aborted) return;
    const found = await retryOutside(() => lossAt(options.stream, options.position()), options);
    if (found !== undefined) options.onLost(found);
  };
  let failure: unknown;
  return {
    begin: () => {
      looking = looking.then(look).catch((error: unknown) => {
        // An end in the middle of it is no failure.
        if (!options.signal.aborted) failure ??= error;
      });
    },
    settled: async () => {
      await looking;
      if (failure !== undefined) throw failure;
    },
  };
};
