/** Keeps Redis equal to memory: one write at a time, and all of it again after any doubt. */
import { OutsideError } from '@flyball/contracts';
import {
  compareMirror,
  keptFromSecond,
  type SourceSecond,
  sourceSecondOf,
  sourceSeconds,
  type WindowerState,
} from '@flyball/domain';
import { type Clock, retryPauseMs, sleep } from '@flyball/service';
import type { WindowStore } from '@flyball/window-store';
import type { WindowerMetrics } from './metrics.ts';

/**
 * Changes gather this long before they are written: the batches of all sources come close together,
 * and the poke that one of them asks for goes first.
 */
const gatherMs = 100;

export interface StoreKeeperOptions {
  readonly store: WindowStore;
  readonly partition: number;
  /** Creation time of SAMPLES. */
  readonly streamCreatedAt: string;
  /** What Redis holds already; undefined: nothing that can be used. */
  readonly cursorSeq: number | undefined;
  /** Id of the batch through which `state` has folded SAMPLES. */
  readonly cursorId: () => string;
  readonly state: WindowerState;
  readonly clock: Clock;
  readonly metrics: WindowerMetrics;
  readonly isOwner: () => boolean;
  readonly signal: AbortSignal;
  readonly onStatus: (ok: boolean, reason: string) => void;
}

export interface StoreKeeper {
  /** A batch of this source and second was folded. */
  changed(source: string, secondAtMs: number): void;
  /** Writes as changes come; ends with the signal. A bug rejects. */
  run(): Promise<void>;
  /** Compares Redis with memory when nothing is on its way; undefined when something is. */
  check(): Promise<number | undefined>;
  /** Once it has ended: where Redis is, undefined when nobody knows, and what it does not have. */
  left(): KeeperLeft;
}

export interface KeeperLeft {
  readonly cursorSeq: number | undefined;
  readonly seconds: readonly { readonly source: string; readonly secondAtMs: number }[];
}

interface Keeping {
  readonly options: StoreKeeperOptions;
  readonly dirty: Map<string, { readonly source: string; readonly secondAtMs: number }>;
  /** The cursor in Redis; undefined: not known, everything is to be written. */
  cursorSeq: number | undefined;
  wake: () => void;
  busy: boolean;
}

const dirtySeconds = ({ options, dirty }: Keeping): SourceSecond[] => {
  const seconds = [...dirty.values()].flatMap(
    ({ source, secondAtMs }) => sourceSecondOf(options.state, source, secondAtMs) ?? [],
  );
  dirty.clear();
  return seconds;
};

const timed = async <Value>(
  { options }: Keeping,
  call: string,
  action: () => Promise<Value>,
): Promise<Value> => {
  const startedMs = options.clock.monotonicMs();
  const value = await action();
  const tookMs = options.clock.monotonicMs() - startedMs;
  options.metrics.storeSeconds.observe({ call }, tookMs / 1_000);
  return value;
};

const writeOnce = async (keeping: Keeping): Promise<void> => {
  const { store, partition, streamCreatedAt, state } = keeping.options;
  if (keeping.cursorSeq === undefined) {
    await timed(keeping, 'clear', () => store.clear(partition));
    keeping.dirty.clear();
  }
  const expected = keeping.cursorSeq ?? 0;
  const cursorSeq = state.samplesThroughSeq;
  const all = keeping.cursorSeq === undefined;
  const seconds = all ? sourceSeconds(state) : dirtySeconds(keeping);
  const keepFromMs = Math.max(0, keptFromSecond(state) * 1_000);
  const cursorId = keeping.options.cursorId();
  const windows = { cursorSeq, cursorId, streamCreatedAt, seconds, keepFromMs };
  // Unknown until it is answered: after an error all is written again.
  keeping.cursorSeq = undefined;
  const written = await timed(keeping, 'write', () => store.write(partition, expected, windows));
  // Another owner wrote, or Redis was emptied: what is there now is not ours to add to.
  if (written) keeping.cursorSeq = cursorSeq;
};

const untilDirty = async (keeping: Keeping): Promise<void> => {
  const { signal } = keeping.options;
  if (keeping.dirty.size > 0 || signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  keeping.wake = resolve;
  signal.addEventListener('abort', resolve as () => void, { once: true });
  await promise;
  signal.removeEventListener('abort', resolve as () => void);
};

const run = async (keeping: Keeping): Promise<void> => {
  const { signal, clock, metrics, onStatus, isOwner } = keeping.options;
  let attempt = 0;
  while (!signal.aborted) {
    await untilDirty(keeping);
    await sleep(clock, gatherMs, signal);
    if (signal.aborted || !isOwner()) return;
    keeping.busy = true;
    try {
      await writeOnce(keeping);
      onStatus(true, 'Redis answers');
      attempt = 0;
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error;
      attempt += 1;
      metrics.storeFailures.inc({ code: error.code });
      onStatus(false, error.message);
    } finally {
      keeping.busy = false;
    }
    if (keeping.cursorSeq === undefined) {
      // All is to be written again: an outage may be long, and nobody needs its seconds one by one.
      keeping.dirty.clear();
      keeping.dirty.set('', { source: '', secondAtMs: 0 });
      await sleep(clock, retryPauseMs(Math.max(1, attempt)), signal);
    }
  }
};

const check = async (keeping: Keeping): Promise<number | undefined> => {
  const { store, partition, state, metrics } = keeping.options;
  const isQuiet = () => !keeping.busy && keeping.dirty.size === 0;
  if (!isQuiet()) return undefined;
  const cursorSeq = state.samplesThroughSeq;
  const stored = await timed(keeping, 'load', () => store.load(partition));
  if (!isQuiet() || stored?.cursorSeq !== cursorSeq) return undefined;
  const fromMs = (keptFromSecond(state) + 1) * 1_000;
  const differences = compareMirror(stored.seconds, sourceSeconds(state), fromMs);
  metrics.mirrorDifferences.set({ partition }, differences.length);
  return differences.length;
};

export const createStoreKeeper = (options: StoreKeeperOptions): StoreKeeper => {
  const keeping: Keeping = {
    options,
    dirty: new Map(),
    cursorSeq: options.cursorSeq,
    wake: () => undefined,
    busy: false,
  };
  return {
    changed: (source, secondAtMs) => {
      keeping.dirty.set(`${source} ${secondAtMs}`, { source, secondAtMs });
      keeping.wake();
    },
    run: () => run(keeping),
    check: () => check(keeping),
    left: () => ({ cursorSeq: keeping.cursorSeq, seconds: [...keeping.dirty.values()] }),
  };
};
