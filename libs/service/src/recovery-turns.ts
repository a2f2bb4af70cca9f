/** What the recoveries of a process share: their turns, and what a lease that ran out left. */
import pLimit from 'p-limit';
import type { Clock } from './clock.ts';

/** Partitions of a stage that recover at one time in a process: the others wait. */
export const recoveriesAtOnceMax = 4;
/** A recovery that takes longer than this holds up no other one. */
export const turnMsMax = 10_000;
/** What was left and is not gone on with within this time is forgotten. */
export const leftForMs = 60_000;

/** One partition's part in it. */
export interface Recovery<Left> {
  /**
   * Waits for a turn to recover, and gives what ends it; also when the signal aborts, which ends it
   * at once.
   */
  turn(signal: AbortSignal): Promise<() => void>;
  /** What the tenure before this one left, when nobody else has owned the partition since; once. */
  take(): Left | undefined;
  /** For the next tenure of this process. Kept only when the lease ran out. */
  leave(left: Left): void;
}

/** For a loop that shares nothing with others. */
export const loneRecovery: Recovery<never> = {
  turn: async () => () => undefined,
  take: () => undefined,
  leave: () => undefined,
};

/** Gives turns in the order in which they are asked for. */
export const createTurns = (clock: Clock): Recovery<never>['turn'] => {
  const limit = pLimit(recoveriesAtOnceMax);
  return (signal) => {
    const begun = Promise.withResolvers<() => void>();
    const ended = Promise.withResolvers<void>();
    const end = (): void => ended.resolve();
    const give = (): void => begun.resolve(end);
    signal.addEventListener('abort', give, { once: true });
    void limit(async () => {
      give();
      if (signal.aborted) return;
      const cancel = clock.after(turnMsMax, end);
      signal.addEventListener('abort', end, { once: true });
      await ended.promise;
      signal.removeEventListener('abort', end);
      cancel();
    }).finally(() => signal.removeEventListener('abort', give));
    if (signal.aborted) give();
    return begun.promise;
  };
};

/** What was left of each partition, for a while. */
export class LeftStates<Left> {
  readonly #clock: Clock;
  readonly #left = new Map<number, { readonly left: Left; readonly cancel: () => void }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(partition: number, left: Left): void {
    this.take(partition);
    const cancel = this.#clock.after(leftForMs, () => void this.#left.delete(partition));
    this.#left.set(partition, { left, cancel });
  }

  take(partition: number): Left | undefined {
    const found = this.#left.get(partition);
    found?.cancel();
    this.#left.delete(partition);
    return found?.left;
  }
}

export interface Begun<Value> {
  readonly begun: Value;
  /** To be called once the recovery is done. */
  readonly endTurn: () => void;
}

/**
 * Begins a recovery in its turn, with what was left; if that fails it is left again. Undefined when
 * the signal aborted before. Throws what `begin` throws.
 */
export const recoverInTurn = async <Left, Value>(
  recovery: Recovery<Left>,
  signal: AbortSignal,
  begin: (left: Left | undefined) => Promise<Value>,
): Promise<Begun<Value> | undefined> => {
  const endTurn = await recovery.turn(signal);
  if (signal.aborted) return undefined;
  const left = recovery.take();
  try {
    return { begun: await begin(left), endTurn };
  } catch (error) {
    endTurn();
    if (left !== undefined) recovery.leave(left);
    throw error;
  }
};
