/** What a NATS server does with one stream, in memory: fences, ids, ages, purges. */
import type { PublishAnswer } from '../append-procedure.ts';
import type { Append, StoredMessage, StreamState } from '../event-log.ts';
import { isExactSubject, subjectMatcher } from '../subject-match.ts';
import { Changes } from './changes.ts';

export interface StreamStoreOptions {
  readonly description: string;
  /** Milliseconds; drives ages and the duplicate window. */
  readonly nowMs: () => number;
  readonly duplicateWindowMs: number;
  /** 0: no limit. */
  readonly maxAgeMs: number;
  /** Servers before 2.10 or so look at the id first, newer ones at the fence. */
  readonly checksFirst: 'fence' | 'id';
}

interface SeenId {
  readonly seq: number;
  readonly atMs: number;
}

const encoder = new TextEncoder();

export class StreamStore {
  readonly changes = new Changes();
  /** Told each message as it is stored, before anyone can read it. */
  readonly listeners: ((message: StoredMessage) => void)[] = [];
  /** Rises whenever something that was stored is gone without a purge: readers start anew. */
  generation = 0;
  readonly #options: StreamStoreOptions;
  /** Index is sequence minus `#firstIndexSeq`; purged ones are holes. */
  #messages: (StoredMessage | undefined)[] = [];
  #firstIndexSeq = 1;
  readonly #bySubject = new Map<string, number[]>();
  readonly #ids = new Map<string, SeenId>();
  #bytes = 0;
  #count = 0;
  #createdAtMs: number;

  constructor(options: StreamStoreOptions) {
    this.#options = options;
    this.#createdAtMs = options.nowMs();
  }

  get lastSeq(): number {
    return this.#firstIndexSeq + this.#messages.length - 1;
  }

  publish({ subject, id, body, expectedLastSeq }: Append): PublishAnswer {
    this.#forgetOld();
    const nowMs = this.#options.nowMs();
    const seen = this.#ids.get(id);
    const duplicate = seen !== undefined && id !== '';
    const known: PublishAnswer = {
      kind: 'acknowledged',
      seq: seen?.seq ?? 0,
      duplicate: true,
    };
    const last = this.#bySubject.get(subject)?.at(-1) ?? 0;
    const fenced = expectedLastSeq !== undefined && expectedLastSeq !== last;
    if (duplicate && (this.#options.checksFirst === 'id' || !fenced)) return known;
    if (fenced) return { kind: 'refused' };
    const seq = this.lastSeq + 1;
    this.#store({ seq, subject, id, body, storedAtMs: nowMs });
    this.#ids.set(id, { seq, atMs: nowMs });
    this.changes.notify();
    return { kind: 'acknowledged', seq, duplicate: false };
  }

  at(seq: number): StoredMessage | undefined {
    this.#forgetOld();
    return this.#messages[seq - this.#firstIndexSeq];
  }

  /** The last message of a subject or filter. */
  last(filter: string): StoredMessage | undefined {
    this.#forgetOld();
    if (isExactSubject(filter)) return this.at(this.#bySubject.get(filter)?.at(-1) ?? 0);
    const seqs = [...this.subjects(filter).values()];
    return seqs.length === 0 ? undefined : this.at(Math.max(...seqs));
  }

  /** The first message of exactly this subject at or after `fromSeq`. */
  next(subject: string, fromSeq: number): StoredMessage | undefined {
    this.#forgetOld();
    const seq = this.#bySubject.get(subject)?.find((candidate) => candidate >= fromSeq);
    return seq === undefined ? undefined : this.at(seq);
  }

  /** At most `most` messages after a position, and how far was looked. */
  after(
    position: number,
    matches: (subject: string) => boolean,
    most: number,
  ): { readonly found: readonly StoredMessage[]; readonly lookedTo: number } {
    this.#forgetOld();
    const found: StoredMessage[] = [];
    let index = Math.max(0, position + 1 - this.#firstIndexSeq);
    for (; index < this.#messages.length && found.length < most; index += 1) {
      const message = this.#messages[index];
      if (message !== undefined && matches(message.subject)) found.push(message);
    }
    return { found, lookedTo: Math.max(position, this.#firstIndexSeq + index - 1) };
  }

  subjects(filter: string): Map<string, number> {
    this.#forgetOld();
    const matches = subjectMatcher(filter);
    const found = new Map<string, number>();
    for (const [subject, seqs] of this.#bySubject) {
      const last = seqs.at(-1);
      if (last !== undefined && matches(subject)) found.set(subject, last);
    }
    return found;
  }

  purge(subject: string, belowSeq: number): number {
    this.#forgetOld();
    const seqs = this.#bySubject.get(subject) ?? [];
    const last = seqs.at(-1) ?? 0;
    // Filtered into a list of its own: removing changes the subject's.
    const gone = seqs.filter((seq) => seq < Math.min(belowSeq, last));
    for (const seq of gone) this.#remove(seq);
    this.#trim();
    return gone.length;
  }

  state(): StreamState {
    this.#forgetOld();
    return {
      createdAt: new Date(this.#createdAtMs + this.generation).toISOString(),
      firstSeq: this.#firstIndexSeq,
      lastSeq: this.lastSeq,
      messages: this.#count,
      bytes: this.#bytes,
      description: this.#options.description,
      maxAgeMs: this.#options.maxAgeMs,
    };
  }

  /** Forgets what is after `seq`, as a server that lost power before its disk had it. */
  loseTail(seq: number): void {
    for (let gone = this.lastSeq; gone > seq; gone -= 1) this.#remove(gone);
    this.#messages.length = Math.max(0, seq - this.#firstIndexSeq + 1);
    for (const [id, seen] of this.#ids) if (seen.seq > seq) this.#ids.delete(id);
    this.changes.notify();
  }

  /** Empties the stream and begins again at 1, as one that was deleted and made anew. */
  recreate(): void {
    this.#messages = [];
    this.#firstIndexSeq = 1;
    this.#bySubject.clear();
    this.#ids.clear();
    this.#bytes = 0;
    this.#count = 0;
    this.#createdAtMs = this.#options.nowMs();
    this.generation += 1;
    this.changes.notify();
  }

  #store(message: StoredMessage): void {
    this.#messages.push(message);
    const seqs = this.#bySubject.get(message.subject);
    if (seqs === undefined) this.#bySubject.set(message.subject, [message.seq]);
    else seqs.push(message.seq);
    this.#count += 1;
    this.#bytes += encoder.encode(message.body).byteLength;
    for (const listener of this.listeners) listener(message);
  }

  #remove(seq: number): void {
    const message = this.#messages[seq - this.#firstIndexSeq];
    if (message === undefined) return;
    this.#messages[seq - this.#firstIndexSeq] = undefined;
    this.#unlist(message.subject, seq);
    this.#count -= 1;
    this.#bytes -= encoder.encode(message.body).byteLength;
  }

  /** What goes is nearly always a subject's first or last message. */
  #unlist(subject: string, seq: number): void {
    const seqs = this.#bySubject.get(subject) ?? [];
    if (seqs[0] === seq) seqs.shift();
    else seqs.splice(seqs.lastIndexOf(seq), 1);
    if (seqs.length === 0) this.#bySubject.delete(subject);
  }

  #forgetOld(): void {
    const { maxAgeMs, duplicateWindowMs } = this.#options;
    const nowMs = this.#options.nowMs();
    for (const [id, { atMs }] of this.#ids) {
      if (nowMs - atMs < duplicateWindowMs) break;
      this.#ids.delete(id);
    }
    if (maxAgeMs === 0) return;
    const kept = this.#messages.findIndex(
      (message) => message !== undefined && nowMs - message.storedAtMs < maxAgeMs,
    );
    if (kept === 0) return;
    const gone = this.#messages.slice(0, kept === -1 ? undefined : kept);
    for (const message of gone) if (message !== undefined) this.#remove(message.seq);
    this.#trim();
  }

  #trim(): void {
    const kept = this.#messages.findIndex((message) => message !== undefined);
    const gone = kept === -1 ? this.#messages.length : kept;
    this.#messages.splice(0, gone);
    this.#firstIndexSeq += gone;
  }
}
