/** Says of an output that this process has stored just now, to whoever makes spans of it. */
import type { Clock } from './clock.ts';
import type { Written } from './writer.ts';

export interface StoredMoments {
  /** When its cause was taken, whole UTC milliseconds. */
  readonly takenAtMs: number;
  /** When it was known to be stored: `takenAtMs` and what the monotonic clock counted since. */
  readonly storedAtMs: number;
  /** Its place in the stream. */
  readonly seq: number;
}

/**
 * Called once for each output that is in the log because this process put it there: never for what
 * was found there, by recovery, a refold or a repeated append, or because a rival said the very
 * same. Must not throw.
 */
export type OnStored<Output, Cause> = (
  output: Output,
  cause: Cause,
  moments: StoredMoments,
) => void;

export type TellWritten<Output> = (output: Output, written: Written) => void;

/** The cause is taken now. Undefined where nobody listens: then not even the clock is asked. */
export const noteTaken = <Output, Cause>(
  { onStored, clock }: { readonly onStored?: OnStored<Output, Cause>; readonly clock: Clock },
  cause: Cause,
): TellWritten<Output> | undefined => {
  if (onStored === undefined) return undefined;
  const takenAtMs = clock.nowMs();
  const startedMs = clock.monotonicMs();
  return (output, written) => {
    if (written.kind !== 'stored' || written.again === true) return;
    const storedAtMs = takenAtMs + clock.monotonicMs() - startedMs;
    onStored(output, cause, { takenAtMs, storedAtMs, seq: written.seq });
  };
};
