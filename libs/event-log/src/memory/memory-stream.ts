/** One stream of the memory server behind the interface of the event log. */
import { OutsideError } from '@flyball/contracts';
import { appendByProcedure, type PublishAnswer } from '../append-procedure.ts';
import type {
  Append,
  AppendResult,
  EventStream,
  ReadOptions,
  StoredMessage,
  StreamState,
} from '../event-log.ts';
import { isExactSubject, subjectMatcher } from '../subject-match.ts';
import { untilChange } from './changes.ts';
import type { MemoryLink } from './memory-link.ts';
import type { StreamStore } from './stream-store.ts';

/** What becomes of one try of an append. */
export type AppendFault = 'none' | 'message-lost' | 'answer-lost';
export type AppendFaults = (stream: string, message: Append) => AppendFault;

/** As many messages as the real reader takes at once. */
const batchMax = 500;
const triesMax = 100;

export interface MemoryStreamOptions {
  readonly faults: AppendFaults;
  readonly maxPayloadBytes: number;
}

export class MemoryStream implements EventStream {
  readonly name: string;
  readonly #store: StreamStore;
  readonly #link: MemoryLink;
  readonly #options: MemoryStreamOptions;

  constructor(name: string, store: StreamStore, link: MemoryLink, options: MemoryStreamOptions) {
    this.name = name;
    this.#store = store;
    this.#link = link;
    this.#options = options;
  }

  append(message: Append): Promise<AppendResult> {
    const store = this.#store;
    return appendByProcedure(
      {
        publish: (one) => this.#publish(one),
        next: (subject, fromSeq) => this.#ask(() => store.next(subject, fromSeq)),
        at: (seq) => this.at(seq),
        last: (subject) => this.last(subject),
        streamLastSeq: () => this.#ask(() => store.lastSeq),
      },
      message,
    );
  }

  async *read(options: ReadOptions): AsyncGenerator<readonly StoredMessage[], void, undefined> {
    const { signal, filter, onResume, onOpen, onPending } = options;
    const matches = subjectMatcher(filter);
    let position = options.afterSeq;
    let lookedTo = position;
    let known = this.#link.connectionNumber;
    let opened = 0;
    while (!signal.aborted && this.#link.status !== 'closed') {
      if (this.#link.status === 'disconnected') {
        await untilChange([this.#link.changes], signal);
        continue;
      }
      if (opened !== this.#link.connectionNumber) {
        opened = this.#link.connectionNumber;
        if (opened !== known) onResume?.('reconnect');
        known = opened;
        lookedTo = position;
        onOpen?.(opened);
      }
      // A log that lost its tail gives the same sequences again.
      lookedTo = Math.max(position, Math.min(lookedTo, this.#store.lastSeq));
      const seen = this.#store.after(lookedTo, matches, batchMax);
      lookedTo = seen.lookedTo;
      position = seen.found.at(-1)?.seq ?? position;
      if (seen.found.length > 0) {
        onPending?.(this.#pendingAfter(lookedTo, matches, seen.found.length));
        yield seen.found;
      } else await untilChange([this.#store.changes, this.#link.changes], signal);
    }
  }

  async *readToEnd(
    options: Omit<ReadOptions, 'onResume' | 'onOpen' | 'onPending'>,
  ): AsyncGenerator<readonly StoredMessage[], void, undefined> {
    const end = (await this.last(options.filter))?.seq ?? 0;
    const matches = subjectMatcher(options.filter);
    let position = options.afterSeq;
    while (position < end && !options.signal.aborted) {
      const { found, lookedTo } = await this.#ask(() =>
        this.#store.after(position, matches, batchMax),
      );
      if (lookedTo === position) return;
      position = lookedTo;
      const wanted = found.filter(({ seq }) => seq <= end);
      if (wanted.length > 0) yield wanted;
    }
  }

  last(subject: string): Promise<StoredMessage | undefined> {
    return this.#ask(() => this.#store.last(subject));
  }

  at(seq: number): Promise<StoredMessage | undefined> {
    return this.#ask(() => this.#store.at(seq));
  }

  state(): Promise<StreamState> {
    return this.#ask(() => this.#store.state());
  }

  subjects(filter: string): Promise<ReadonlyMap<string, number>> {
    return this.#ask(() => this.#store.subjects(filter));
  }

  async purge(subject: string, belowSeq: number): Promise<number> {
    if (!isExactSubject(subject)) {
      throw new Error(`Cannot purge ${subject}: name one exact subject, so that its last stays.`);
    }
    return this.#ask(() => this.#store.purge(subject, belowSeq));
  }

  /** A batch that is not full is the last one. */
  #pendingAfter(seq: number, matches: (subject: string) => boolean, batch: number): number {
    if (batch < batchMax) return 0;
    return this.#store.after(seq, matches, Number.POSITIVE_INFINITY).found.length;
  }

  async #ask<T>(question: () => T): Promise<T> {
    await this.#link.whenConnected();
    return question();
  }

  async #publish(message: Append): Promise<PublishAnswer> {
    const { faults, maxPayloadBytes } = this.#options;
    if (Buffer.byteLength(message.body) > maxPayloadBytes) {
      throw new OutsideError(
        'NATS_FULL',
        `Appending ${message.id}: its body is larger than the ${maxPayloadBytes} bytes allowed.`,
        { retriable: false },
      );
    }
    for (let tries = 0; tries < triesMax; tries += 1) {
      await this.#link.whenConnected(message.connection);
      const fault = faults(this.name, message);
      if (fault === 'message-lost') continue;
      const answer = this.#store.publish(message);
      if (fault === 'none') return answer;
    }
    throw new OutsideError('NATS_TIMEOUT', `No answer to ${message.id} in ${triesMax} tries.`, {
      retriable: true,
    });
  }
}
