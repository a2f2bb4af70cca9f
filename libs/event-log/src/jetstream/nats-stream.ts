/** One JetStream stream behind the interface of the event log. */
import { millis } from '@nats-io/nats-core';
import { appendByProcedure } from '../append-procedure.ts';
import type {
  Append,
  AppendResult,
  EventStream,
  ReadOptions,
  StoredMessage,
  StreamState,
} from '../event-log.ts';
import { isExactSubject } from '../subject-match.ts';
import { endCheckMs } from './limits.ts';
import { MessageStore, type Session } from './message-store.ts';
import { newestHeaders, pull } from './reader.ts';
import type { Slots } from './slots.ts';
import { fromConsumer } from './stored-message.ts';

export class NatsStream implements EventStream {
  readonly name: string;
  readonly #session: Session;
  readonly #store: MessageStore;
  readonly #slots: Slots;

  constructor(name: string, session: Session, slots: Slots) {
    this.name = name;
    this.#session = session;
    this.#store = new MessageStore(name, session);
    this.#slots = slots;
  }

  append(message: Append): Promise<AppendResult> {
    return this.#slots.run(() => appendByProcedure(this.#store, message));
  }

  async *read(options: ReadOptions): AsyncGenerator<readonly StoredMessage[], void, undefined> {
    for await (const batch of pull(this.#source, options)) {
      options.onPending?.(batch.at(-1)?.info.pending ?? 0);
      yield batch.map(fromConsumer);
    }
  }

  async *readToEnd(
    options: Omit<ReadOptions, 'onResume' | 'onOpen' | 'onPending'>,
  ): AsyncGenerator<readonly StoredMessage[], void, undefined> {
    let end = (await this.last(options.filter))?.seq ?? 0;
    let position = options.afterSeq;
    if (end <= position) return;
    const reached = new AbortController();
    const signal = AbortSignal.any([options.signal, reached.signal]);
    let checkedAt = position;
    // What was last may be purged or aged out before it is read: then the end has moved back.
    const check = async () => {
      if (position === checkedAt) end = Math.min(end, (await this.last(options.filter))?.seq ?? 0);
      checkedAt = position;
      if (end <= position) reached.abort();
    };
    const timer = setInterval(() => void check().catch(() => undefined), endCheckMs);
    try {
      for await (const batch of pull(this.#source, { ...options, signal })) {
        const wanted = batch.filter(({ seq }) => seq <= end).map(fromConsumer);
        position = batch.at(-1)?.seq ?? position;
        if (wanted.length > 0) yield wanted;
        if (position >= end) return;
      }
    } finally {
      clearInterval(timer);
    }
  }

  last(subject: string): Promise<StoredMessage | undefined> {
    return this.#store.last(subject);
  }

  at(seq: number): Promise<StoredMessage | undefined> {
    return this.#store.at(seq);
  }

  async state(): Promise<StreamState> {
    const { created, state, config } = await this.#store.info();
    return {
      createdAt: new Date(created).toISOString(),
      firstSeq: state.first_seq,
      lastSeq: state.last_seq,
      messages: state.messages,
      bytes: state.bytes,
      description: config.description ?? '',
      maxAgeMs: millis(config.max_age),
    };
  }

  async subjects(filter: string): Promise<ReadonlyMap<string, number>> {
    const newest = await newestHeaders(this.#source, filter);
    return new Map(newest.map(({ subject, seq }) => [subject, seq]));
  }

  async purge(subject: string, belowSeq: number): Promise<number> {
    if (!isExactSubject(subject)) {
      throw new Error(`Cannot purge ${subject}: name one exact subject, so that its last stays.`);
    }
    const last = await this.last(subject);
    if (last === undefined || belowSeq <= 1) return 0;
    const { link, purger } = this.#session;
    // Never above the last message: with it the subject's fence would go.
    const seq = Math.min(belowSeq, last.seq);
    const { purged } = await link.untilAnswered(`Purging ${subject}`, () =>
      purger.streams.purge(this.name, { filter: subject, seq }),
    );
    return purged;
  }

  get #source() {
    return { ...this.#session, stream: this.name };
  }
}
