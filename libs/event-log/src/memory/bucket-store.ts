/** What a NATS server does with one KV bucket without history, in memory. */
import { Changes } from './changes.ts';

export interface StoredEntry {
  readonly key: string;
  /** Undefined once deleted: the revision stays, as the server's marker does. */
  readonly value: Uint8Array | undefined;
  readonly revision: number;
  readonly storedAtMs: number;
}

export class BucketStore {
  readonly changes = new Changes();
  readonly #entries = new Map<string, StoredEntry>();
  readonly #nowMs: () => number;
  #revision = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get(key: string): StoredEntry | undefined {
    return this.#entries.get(key);
  }

  /** Current entries, deleted ones too, in the order of their revisions. */
  entries(): readonly StoredEntry[] {
    return [...this.#entries.values()];
  }

  /** Remembers all of it; the returned function goes back to it, and what came after is lost. */
  keep(): () => void {
    const kept = [...this.#entries];
    const revision = this.#revision;
    return () => {
      this.#entries.clear();
      for (const [key, entry] of kept) this.#entries.set(key, entry);
      this.#revision = revision;
      this.changes.notify();
    };
  }

  write(key: string, value: Uint8Array | undefined): number {
    this.#revision += 1;
    this.#entries.delete(key);
    const [revision, storedAtMs] = [this.#revision, this.#nowMs()];
    this.#entries.set(key, { key, value: value?.slice(), revision, storedAtMs });
    this.changes.notify();
    return this.#revision;
  }
}
