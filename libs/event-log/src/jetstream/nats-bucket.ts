/** One KV bucket behind the interface of the event log. */
import type { JsMsg } from '@nats-io/jetstream';
import type { KV, KvEntry } from '@nats-io/kv';
import type { Bucket, Entry, WatchedEntry } from '../event-log.ts';
import type { Session } from './message-store.ts';
import { isWrongLastSequence } from './nats-failure.ts';
import { newestHeaders, pull } from './reader.ts';

/** Room for the subject and the headers of a value that fills a message. */
const envelopeBytes = 4_096;
const operationHeader = 'KV-Operation';
type Write = 'written' | 'conflict';

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

const isDeletion = (operation: string): boolean => operation === 'DEL' || operation === 'PURGE';

export class NatsBucket implements Bucket {
  readonly name: string;
  readonly maxValueBytes: number;
  readonly #kv: KV;
  readonly #session: Session;

  constructor(name: string, kv: KV, session: Session) {
    this.name = name;
    this.#kv = kv;
    this.#session = session;
    this.maxValueBytes = (session.link.connection.info?.max_payload ?? 0) - envelopeBytes;
  }

  async get(key: string): Promise<Entry | undefined> {
    const entry = await this.#newest(key);
    if (entry === undefined || isDeletion(entry.operation)) return undefined;
    const { value, revision, created } = entry;
    return { key, value, revision, storedAtMs: created.getTime() };
  }

  async set(key: string, value: Uint8Array, expected: number): Promise<number | undefined> {
    let revision: number | undefined;
    const written = await this.#compareAndSet(
      `Setting ${key}`,
      async () => {
        revision =
          expected === 0
            ? await this.#kv.create(key, value)
            : await this.#kv.update(key, value, expected);
      },
      async () => {
        const now = await this.#newest(key);
        const ours =
          now !== undefined &&
          now.revision > expected &&
          !isDeletion(now.operation) &&
          sameBytes(now.value, value);
        if (ours) revision = now.revision;
        return ours;
      },
    );
    return written === 'written' ? revision : undefined;
  }

  put(key: string, value: Uint8Array, connection?: number): Promise<number> {
    const { link } = this.#session;
    const doing = `Writing ${this.name}/${key}`;
    return link.untilAnswered(doing, async () => {
      link.expectConnection(connection, doing);
      return await this.#kv.put(key, value);
    });
  }

  async delete(key: string, expected?: number): Promise<boolean> {
    const options = expected === undefined ? {} : { previousSeq: expected };
    const written = await this.#compareAndSet(
      `Deleting ${key}`,
      () => this.#kv.delete(key, options),
      async () => {
        const now = await this.#newest(key);
        return now === undefined || isDeletion(now.operation);
      },
    );
    return written === 'written';
  }

  async keys(filter = '>'): Promise<readonly string[]> {
    const subjects = `$KV.${this.name}.${filter}`;
    const newest = await newestHeaders(this.#source, subjects, (found) =>
      this.#areAll(new Set(found.map((one) => this.#keyOf(one))), subjects),
    );
    const present = new Map(newest.map((one) => [this.#keyOf(one), !this.#isDeleted(one)]));
    return [...present].filter(([, isPresent]) => isPresent).map(([key]) => key);
  }

  async *watch(filter: string, signal: AbortSignal): AsyncGenerator<WatchedEntry, void, undefined> {
    let current = false;
    const watched = `$KV.${this.name}.${filter}`;
    // A 2.9 server may never say that nothing is to come: it does when a key comes once more.
    const first = new Set<string>();
    const onResume = () => first.clear();
    const options = { filter: watched, afterSeq: 0, newestOnly: true, signal, onResume };
    // A consumer that was made anew brings all again: in a bucket that lost its tail other ones.
    const told = new Map<string, number>();
    for await (const batch of pull(this.#source, options)) {
      for (const message of batch) {
        const key = this.#keyOf(message);
        current ||= first.has(key);
        if (!current) first.add(key);
        current ||= message.info.pending === 0 && (await this.#areAll(first, watched));
        if (told.get(key) === message.seq) continue;
        told.set(key, message.seq);
        yield {
          key,
          value: this.#isDeleted(message) ? undefined : message.data,
          revision: message.seq,
          current,
        };
      }
    }
  }

  /**
   * Runs a write until it is known whether it took place. A try that got no answer may have been
   * carried out: the next one's conflict is then judged by `isOurs`.
   */
  async #compareAndSet(
    doing: string,
    write: () => Promise<void>,
    isOurs: () => Promise<boolean>,
  ): Promise<Write> {
    let tries = 0;
    return this.#session.link.untilAnswered(`${doing} in ${this.name}`, async () => {
      tries += 1;
      try {
        await write();
        return 'written';
      } catch (error) {
        if (!isWrongLastSequence(error)) throw error;
        return tries > 1 && (await isOurs()) ? 'written' : 'conflict';
      }
    });
  }

  /**
   * Whether these are all keys of the subjects. For a moment while a message is written over, a
   * consumer that was made before counts neither the old one nor the new one as still to come.
   */
  async #areAll(keys: ReadonlySet<string>, subjects: string): Promise<boolean> {
    const { link, manager } = this.#session;
    const stream = `KV_${this.name}`;
    const { state } = await link.untilAnswered(`Asking for the subjects of ${stream}`, () =>
      manager.streams.info(stream, { subjects_filter: subjects }),
    );
    return Object.keys(state.subjects ?? {}).every((subject) => keys.has(this.#keyIn(subject)));
  }

  async #newest(key: string): Promise<KvEntry | undefined> {
    const entry = await this.#session.link.untilAnswered(`Reading ${this.name}/${key}`, () =>
      this.#kv.get(key),
    );
    return entry ?? undefined;
  }

  #keyOf({ subject }: JsMsg): string {
    return this.#keyIn(subject);
  }

  #keyIn(subject: string): string {
    return subject.slice(`$KV.${this.name}.`.length);
  }

  #isDeleted(message: JsMsg): boolean {
    return isDeletion(message.headers?.get(operationHeader) ?? '');
  }

  get #source() {
    return { ...this.#session, stream: `KV_${this.name}` };
  }
}
