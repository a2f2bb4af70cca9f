/** How far the readers of a service are behind the log: in messages, and in seconds. */
import type { StoredMessage } from '@flyball/event-log';
import { Gauge, type Registry } from 'prom-client';

export interface ReadStream {
  /** `EVENTS` or `SAMPLES`. */
  readonly stream: string;
  /** `all` for a reader of every partition. */
  readonly partition: number | 'all';
}

export interface ReadingMetrics {
  /** So many messages for this reader were stored after the newest that has come to it. */
  pending(read: ReadStream, messages: number): void;
  /** These were taken at `nowMs` by the clock that dates ticks, not by the server's. */
  taken(read: ReadStream, batch: readonly StoredMessage[], nowMs: number): void;
  /** The reader has ended: another one may be the partition's now. */
  ended(read: ReadStream): void;
}

/** Registers `<prefix>_pending_messages` and `<prefix>_lag_seconds`. */
export const createReadingMetrics = (prefix: string, registry: Registry): ReadingMetrics => {
  const labelNames = ['stream', 'partition'] as const;
  const registers = [registry];
  const pendingMessages = new Gauge({
    name: `${prefix}_pending_messages`,
    help: 'Messages in the log after the newest one that was read, when that one was sent.',
    labelNames,
    registers,
  });
  const lagSeconds = new Gauge({
    name: `${prefix}_lag_seconds`,
    help: 'Age of the newest message when it had been processed.',
    labelNames,
    registers,
  });
  return {
    pending: (read, messages) => pendingMessages.set({ ...read }, messages),
    taken: (read, batch, nowMs) => {
      const ageMs = nowMs - (batch.at(-1)?.storedAtMs ?? nowMs);
      lagSeconds.set({ ...read }, Math.max(0, ageMs) / 1_000);
    },
    ended: (read) => {
      pendingMessages.remove({ ...read });
      lagSeconds.remove({ ...read });
    },
  };
};
