/** Keys that need work: each once, a few at a time, tried again with pauses that grow. */
import { OutsideError } from '@flyball/contracts';
import { ClusterError } from '@flyball/platform/kubernetes';
import type { Clock } from '@flyball/service';

/** Keys that are worked on at the same time. */
const atOnceMax = 8;
/** The same key is not worked on more often: what comes meanwhile is done in one go. */
const spacingMs = 100;
/** Pauses after failures: they double from the first to the longest. */
const pausesMs = { first: 100, longest: 30_000 } as const;

export interface WorkQueueOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Ends it: nothing is begun any more. */
  readonly signal: AbortSignal;
  /** An OutsideError is tried again, if it can help; anything else ends the queue as a bug. */
  readonly work: (key: string) => Promise<void>;
  /** `pauseMs` is undefined where it is not tried again before the next change. */
  readonly onTrouble: (key: string, error: OutsideError, pauseMs: number | undefined) => void;
}

export interface WorkQueue {
  add(key: string): void;
  /** Resolves when the signal aborted and nothing is worked on; rejects with a bug. */
  readonly ended: Promise<void>;
}

interface Entry {
  status: 'due' | 'running' | 'pausing';
  /** Added while it ran or paused. */
  again: boolean;
  failures: number;
  cancelPause: () => void;
}

/** Conflicts and what is gone are read again; of the rest the error says it. */
const canHelp = (error: OutsideError): boolean =>
  error.retriable || error.code === 'PLATFORM_CONFLICT' || error.code === 'PLATFORM_GONE';

/** A server that is asked too often says when to come back. */
const askedFor = (error: OutsideError): number =>
  error instanceof ClusterError ? (error.retryAfterMs ?? 0) : 0;

const pauseAfter = (failures: number): number =>
  Math.min(pausesMs.longest, pausesMs.first * 2 ** Math.min(failures - 1, 20));

class KeyedWork implements WorkQueue {
  readonly ended: Promise<void>;
  readonly #options: WorkQueueOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #due: string[] = [];
  readonly #ending = Promise.withResolvers<void>();
  #running = 0;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.ended = this.#ending.promise;
    const { signal } = options;
    signal.addEventListener('abort', () => this.#end(), { once: true });
    if (signal.aborted) this.#end();
  }

  add(key: string): void {
    if (this.#options.signal.aborted) return;
    const known = this.#entries.get(key);
    if (known === undefined) {
      const entry: Entry = { status: 'due', again: false, failures: 0, cancelPause: () => {} };
      this.#entries.set(key, entry);
      this.#makeDue(key, entry);
      return;
    }
    known.again = true;
    // What changed may be what it waits for.
    if (known.status !== 'pausing' || known.failures === 0) return;
    known.cancelPause();
    this.#makeDue(key, known);
  }

  #makeDue(key: string, entry: Entry): void {
    entry.status = 'due';
    entry.again = false;
    this.#due.push(key);
    this.#pump();
  }

  #pump(): void {
    const { signal } = this.#options;
    while (!signal.aborted && this.#running < atOnceMax && this.#due.length > 0) {
      const key = this.#due.shift() ?? '';
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      this.#running += 1;
      void this.#run(key, entry);
    }
    if (signal.aborted && this.#running === 0) this.#ending.resolve();
  }

  async #run(key: string, entry: Entry): Promise<void> {
    entry.status = 'running';
    try {
      await this.#options.work(key);
      entry.failures = 0;
      this.#pause(key, entry, spacingMs);
    } catch (error) {
      if (error instanceof OutsideError) this.#fail(key, entry, error);
      else this.#ending.reject(error);
    } finally {
      this.#running -= 1;
      this.#pump();
    }
  }

  #fail(key: string, entry: Entry, error: OutsideError): void {
    entry.failures = canHelp(error) ? entry.failures + 1 : 0;
    const pauseMs =
      entry.failures === 0 ? undefined : Math.max(pauseAfter(entry.failures), askedFor(error));
    this.#options.onTrouble(key, error, pauseMs);
    this.#pause(key, entry, pauseMs ?? spacingMs);
  }

  #pause(key: string, entry: Entry, pauseMs: number): void {
    entry.status = 'pausing';
    entry.cancelPause = this.#options.clock.after(pauseMs, () => {
      if (entry.again || entry.failures > 0) this.#makeDue(key, entry);
      else this.#entries.delete(key);
    });
  }

  #end(): void {
    this.#due.length = 0;
    for (const entry of this.#entries.values()) entry.cancelPause();
    this.#pump();
  }
}

export const createWorkQueue = (options: WorkQueueOptions): WorkQueue => new KeyedWork(options);
