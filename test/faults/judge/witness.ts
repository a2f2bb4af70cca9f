/** Reads along and remembers what was in the log, so that nobody can make it unsaid. */
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { consumeFrom, lastSequence, type StoredMessage, storedOf } from './raw-log.ts';

/** A server that comes back may have lost this much and have written anew. */
const readAgain = 2_000;
const pauseMs = 50;

export interface Witnessed {
  readonly seq: number;
  readonly subject: string;
  readonly digest: string;
  readonly storedAtMs: number;
}

const progressSchema = z.object({ data: z.object({ tickId: z.string() }) });
const idSchema = z.object({ id: z.string() });

export interface Progress {
  readonly partition: number;
  readonly storedAtMs: number;
  readonly tickId: string;
}

export interface Witness extends AsyncDisposable {
  /** What was in the log and has not been replaced since, by sequence. */
  readonly seen: ReadonlyMap<number, Witnessed>;
  /** What once stood where something else stands now; each is told once. */
  takeReplaced(): readonly Witnessed[];
  /** Takes what was read from `readAtMs` on for the truth: a tail that is gone is known to be. */
  accept(messages: readonly StoredMessage[], readAtMs: number): void;
  progress(): readonly Progress[];
  /** When the tick was stored; undefined when it is not known. */
  tickStoredAtMs(id: string): number | undefined;
}

export const digestOf = (body: string): string => createHash('sha256').update(body).digest('hex');

/** Ticks and progress are purged once they are not needed; nothing else ever is. */
export const isTransport = (subject: string): boolean =>
  /^flyball\.events\.\d+\.(ticks|progress)$/.test(subject);

export const partitionOfSubject = (subject: string): number => Number(subject.split('.')[2]);

class Memory {
  readonly seen = new Map<number, Witnessed>();
  readonly replaced: Witnessed[] = [];
  readonly progress: Progress[] = [];
  readonly ticks = new Map<string, number>();
  lastSeq = 0;

  keep({ seq, subject, body, storedAtMs }: StoredMessage): void {
    const digest = digestOf(body);
    const before = this.seen.get(seq);
    if (before?.digest === digest && before.subject === subject) return;
    if (before !== undefined) this.replaced.push(before);
    this.seen.set(seq, { seq, subject, digest, storedAtMs });
    this.lastSeq = seq;
    if (/^flyball\.events\.\d+\.ticks$/.test(subject)) {
      this.ticks.set(idSchema.parse(JSON.parse(body)).id, storedAtMs);
    }
    if (/^flyball\.events\.\d+\.progress$/.test(subject)) {
      const { tickId } = progressSchema.parse(JSON.parse(body)).data;
      this.progress.push({ partition: partitionOfSubject(subject), storedAtMs, tickId });
    }
  }

  accept(messages: readonly StoredMessage[], readAtMs: number): void {
    const [present, lastSeq] = [new Set<number>(), messages.at(-1)?.seq ?? 0];
    for (const message of messages) {
      present.add(message.seq);
      this.keep(message);
    }
    for (const { seq, storedAtMs, subject } of [...this.seen.values()]) {
      const gone = storedAtMs < readAtMs && !present.has(seq);
      if (gone && (seq > lastSeq || !isTransport(subject))) this.seen.delete(seq);
    }
  }
}

/** Reads until the connection or the server gives a reason to begin anew. */
const readOn = async (
  connection: NatsConnection,
  memory: Memory,
  signal: AbortSignal,
): Promise<void> => {
  const lastSeq = await lastSequence(connection);
  const from = Math.max(1, Math.min(memory.lastSeq, lastSeq) - readAgain);
  const { messages } = await consumeFrom(connection, from);
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  const doubt = async (): Promise<void> => {
    for await (const { type } of messages.status()) {
      if (/missed|not_found|deleted|responders|recreated|reset/.test(type)) stop();
    }
  };
  doubt().catch(stop);
  try {
    for await (const message of messages) memory.keep(storedOf(message));
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
};

/** Begins to read along, from the first message on. */
export const startWitness = (connection: NatsConnection): Witness => {
  const memory = new Memory();
  const ending = new AbortController();
  let reading = new AbortController();
  const followConnection = async (): Promise<void> => {
    for await (const { type } of connection.status()) {
      if (type === 'reconnect' || type === 'disconnect') reading.abort();
    }
  };
  const read = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      reading = new AbortController();
      const signal = AbortSignal.any([ending.signal, reading.signal]);
      // The server is away at times: that is what this is about.
      await readOn(connection, memory, signal).catch(() => undefined);
      await wait(pauseMs);
    }
  };
  followConnection().catch(() => undefined);
  const done = read();
  return {
    seen: memory.seen,
    takeReplaced: () => memory.replaced.splice(0),
    accept: (messages, readAtMs) => memory.accept(messages, readAtMs),
    progress: () => memory.progress,
    tickStoredAtMs: (id) => memory.ticks.get(id),
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await done;
    },
  };
};
