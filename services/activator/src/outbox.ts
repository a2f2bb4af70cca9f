/** Messages under way to NATS: in order per subject, bounded in number, given up by name. */
import { OutsideError } from '@flyball/contracts';
import type { Append, EventStream } from '@flyball/event-log';
import { type Clock, sleep } from '@flyball/service';

/** Messages that wait or are under way at once; what comes beyond is given up. */
export const outboxMax = 20_000;
/** Pause between two rounds of tries while NATS is away. */
const retryPauseMs = 200;

export interface Outbox {
  send(message: Append): void;
  readonly pending: number;
  /** Is a message of this subject not stored yet? */
  isPending(subject: string): boolean;
  /** Resolves when everything sent so far is stored or given up. */
  flush(): Promise<void>;
}

export interface OutboxOptions {
  readonly stream: EventStream;
  /** How long a message is tried again while NATS is away; it keeps its id. */
  readonly retryForMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onStored: () => void;
  /** Not stored: the outbox was full, or the bus refused. */
  readonly onLost: (message: Append, error: OutsideError | undefined) => void;
}

export const createOutbox = (options: OutboxOptions): Outbox => {
  const { stream, clock, signal, onStored, onLost } = options;
  const tails = new Map<string, Promise<void>>();
  let pending = 0;

  const store = async (message: Append): Promise<void> => {
    const untilMs = clock.monotonicMs() + options.retryForMs;
    for (;;) {
      try {
        await stream.append(message);
        onStored();
        return;
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error;
        const late = signal.aborted || clock.monotonicMs() >= untilMs;
        if (!error.retriable || late) {
          onLost(message, error);
          return;
        }
      }
      await sleep(clock, retryPauseMs, signal);
    }
  };

  const send = (message: Append): void => {
    if (pending >= outboxMax) {
      onLost(message, undefined);
      return;
    }
    pending += 1;
    const before = tails.get(message.subject);
    const stored = before === undefined ? store(message) : before.then(() => store(message));
    const now = stored.finally(() => {
      pending -= 1;
    });
    tails.set(message.subject, now);
    void now.then(() => {
      if (tails.get(message.subject) === now) tails.delete(message.subject);
    });
  };

  return {
    send,
    isPending: (subject) => tails.has(subject),
    get pending() {
      return pending;
    },
    flush: async () => {
      await Promise.all(tails.values());
    },
  };
};
