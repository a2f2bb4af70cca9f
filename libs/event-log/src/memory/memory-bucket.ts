/** One bucket of the memory server behind the interface of the event log. */
import type { Bucket, Entry, WatchedEntry } from '../event-log.ts';
import { subjectMatcher } from '../subject-match.ts';
import type { BucketStore, StoredEntry } from './bucket-store.ts';
import { untilChange } from './changes.ts';
import type { MemoryLink } from './memory-link.ts';

const revisionOf = (entry: StoredEntry | undefined): number =>
  entry?.value === undefined ? 0 : entry.revision;

export class MemoryBucket implements Bucket {
  readonly name: string;
  readonly maxValueBytes: number;
  readonly #store: BucketStore;
  readonly #link: MemoryLink;

  constructor(name: string, store: BucketStore, link: MemoryLink, maxValueBytes: number) {
    this.name = name;
    this.#store = store;
    this.#link = link;
    this.maxValueBytes = maxValueBytes;
  }

  async get(key: string): Promise<Entry | undefined> {
    await this.#link.whenConnected();
    const entry = this.#store.get(key);
    return entry?.value === undefined ? undefined : { ...entry, value: entry.value.slice() };
  }

  async set(key: string, value: Uint8Array, expected: number): Promise<number | undefined> {
    await this.#link.whenConnected();
    return revisionOf(this.#store.get(key)) === expected
      ? this.#store.write(key, value)
      : undefined;
  }

  async put(key: string, value: Uint8Array, connection?: number): Promise<number> {
    await this.#link.whenConnected(connection);
    return this.#store.write(key, value);
  }

  async delete(key: string, expected?: number): Promise<boolean> {
    await this.#link.whenConnected();
    const entry = this.#store.get(key);
    if (expected !== undefined && revisionOf(entry) !== expected) return false;
    this.#store.write(key, undefined);
    return true;
  }

  async keys(filter = '>'): Promise<readonly string[]> {
    await this.#link.whenConnected();
    const matches = subjectMatcher(filter);
    const present = this.#store.entries().filter(({ value }) => value !== undefined);
    return present.map(({ key }) => key).filter(matches);
  }

  async *watch(filter: string, signal: AbortSignal): AsyncGenerator<WatchedEntry, void, undefined> {
    const matches = subjectMatcher(filter);
    // By key and not by order: revisions go back in a bucket that lost its tail.
    const told = new Map<string, number>();
    let current = false;
    while (!signal.aborted && this.#link.status !== 'closed') {
      const connected = this.#link.status === 'connected';
      const fresh = connected
        ? this.#store
            .entries()
            .filter(({ key, revision }) => matches(key) && told.get(key) !== revision)
        : [];
      for (const [index, { key, value, revision }] of fresh.entries()) {
        if (signal.aborted) return;
        told.set(key, revision);
        current ||= index === fresh.length - 1;
        yield { key, value: value?.slice(), revision, current };
      }
      if (fresh.length === 0) {
        current ||= connected;
        await untilChange([this.#store.changes, this.#link.changes], signal);
      }
    }
  }
}
