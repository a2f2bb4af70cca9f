/** Messages under way to NATS: in order per subject, bounded in number, given up by name. */
import { OutsideError } from '@flyball/contracts';
import type { Append, EventStream } from '@flyball/event-log';
import { type Clock, sleep } from '@flyball/service';

/** Messages that wait or are under way at once; what comes beyond is not taken. */
export const outboxMax = 20_000;
/** Pause between two rounds of tries while NATS is away or refuses. */
export const retryPauseMs = 200;

/** The message is stored; `seq` is null when it was found to be stored already. */
export type OnStored = (seq: number | null) => void;

export interface Outbox {
  /**
   * Sends after what was sent before to this subject. A message that could not be stored within
   * `keepForMs` is given up. False: the outbox is full, and this one was not taken.
   */
  send(message: Append, keepForMs: number, onStored?: OnStored): boolean;
  readonly pending: number;
  /** Is a message of this subject not stored yet? */
  isPending(subject: string): boolean;
}

export interface OutboxOptions {
  readonly stream: Pick<EventStream, 'append' | 'last'>;
  /**
   * Before a message is tried again, ask whether it was stored after all: the server forgets ids
   * sooner than an outage may last. Needs a subject that nobody else writes.
   */
  readonly readBack: boolean;
  readonly clock: Clock;
  /** Ends the tries: what is not stored then is given up. */
  readonly signal: AbortSignal;
  /** Told when a message has to be tried again. */
  readonly onRetry: (message: Append, error: OutsideError) => void;
  /** Given up; without an error when it was not taken or had become too old. */
  readonly onLost: (message: Append, error: OutsideError | undefined) => void;
}

interface Underway {
  readonly message: Append;
  readonly untilMs: number;
  readonly onStored: OnStored | undefined;
}

const appended = async (
  stream: OutboxOptions['stream'],
  message: Append,
): Promise<number | null> => {
  const result = await stream.append(message);
  return result.kind === 'stored' && result.again === undefined ? result.seq : null;
};

/** Tries until the message is stored, too old, or the signal aborts. Resolves in any case. */
const store = async (
  options: OutboxOptions,
  { message, untilMs, onStored }: Underway,
): Promise<void> => {
  const { stream, clock, signal, readBack, onRetry, onLost } = options;
  let failure: OutsideError | undefined;
  for (;;) {
    const over = signal.aborted && failure !== undefined;
    if (over || clock.monotonicMs() >= untilMs) {
      onLost(message, failure);
      return;
    }
    try {
      const ask = readBack && failure !== undefined;
      const isThere = ask && (await stream.last(message.subject))?.id === message.id;
      const seq = isThere ? null : await appended(stream, message);
      onStored?.(seq);
      return;
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error;
      if (failure === undefined) onRetry(message, error);
      failure = error;
    }
    await sleep(clock, retryPauseMs, signal);
  }
};

/** An outbox for one stream. A bug in it rejects, so that the process ends and says so. */
export const createOutbox = (options: OutboxOptions): Outbox => {
  const tails = new Map<string, Promise<void>>();
  let pending = 0;

  const queue = async (underway: Underway, before: Promise<void> | undefined): Promise<void> => {
    try {
      await before;
      await store(options, underway);
    } finally {
      pending -= 1;
    }
  };

  return {
    send: (message, keepForMs, onStored) => {
      if (pending >= outboxMax) {
        options.onLost(message, undefined);
        return false;
      }
      pending += 1;
      const { subject } = message;
      const untilMs = options.clock.monotonicMs() + keepForMs;
      const stored = queue({ message, untilMs, onStored }, tails.get(subject)).then(() => {
        if (tails.get(subject) === stored) tails.delete(subject);
      });
      tails.set(subject, stored);
      return true;
    },
    isPending: (subject) => tails.has(subject),
    get pending() {
      return pending;
    },
  };
};
