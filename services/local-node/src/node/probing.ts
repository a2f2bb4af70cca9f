/** Probes a pod again and again: eagerly until it answers, then seldom. */
import type { Clock } from '@flyball/service';
import type { ProbeAnswer } from './probe.ts';

export interface ProbeLimits {
  /** Waits between probes of a pod that starts: from the first, each twice the last, to this. */
  readonly startMinMs: number;
  readonly startMaxMs: number;
  /** One that has not answered for this long is asked only every `slowMs`, and says so. */
  readonly slowAfterMs: number;
  readonly slowMs: number;
  /** A ready pod is asked this often, after a failure sooner; so many in a row make it unready. */
  readonly readyMs: number;
  readonly retryMs: number;
  readonly failuresMax: number;
  readonly timeoutMs: number;
}

export const defaultProbeLimits: ProbeLimits = Object.freeze({
  startMinMs: 1,
  startMaxMs: 20,
  slowAfterMs: 10_000,
  slowMs: 500,
  readyMs: 10_000,
  retryMs: 3_000,
  failuresMax: 3,
  timeoutMs: 1_000,
});

/** How many pods start at this moment: the more, the less often each is asked. */
export interface StartingCount {
  value: number;
}

/** Added to the wait for each other pod that starts, so that probes never take a core. */
const waitPerStartingMs = 0.5;

export interface ProbingOptions {
  readonly clock: Clock;
  readonly limits: ProbeLimits;
  readonly starting: StartingCount;
  readonly ask: () => Promise<ProbeAnswer>;
  readonly onReady: () => void;
  /** It answered before and does not any more. */
  readonly onFailed: (why: string) => void;
  /** It has never answered for `slowAfterMs`; told once. */
  readonly onSlow: (why: string) => void;
}

/** Begins at once; the returned function ends it. */
export const startProbing = (options: ProbingOptions): (() => void) => {
  const { clock, limits, starting } = options;
  const beganAtMs = clock.monotonicMs();
  let ended = false;
  let cancelWait = (): void => undefined;
  let state: 'starting' | 'slow' | 'ready' | 'failed' = 'starting';
  let waitMs = limits.startMinMs;
  let failures = 0;

  const enter = (next: typeof state): void => {
    starting.value += Number(next === 'starting') - Number(state === 'starting');
    state = next;
  };
  const answered = (): void => {
    failures = 0;
    if (state === 'ready') return;
    enter('ready');
    options.onReady();
  };
  const refused = (why: string): void => {
    failures += 1;
    if (state === 'ready' && failures >= limits.failuresMax) {
      enter('failed');
      options.onFailed(why);
    } else if (state === 'starting' && clock.monotonicMs() - beganAtMs >= limits.slowAfterMs) {
      enter('slow');
      options.onSlow(why);
    }
  };
  const nextWaitMs = (): number => {
    if (state === 'ready') return failures === 0 ? limits.readyMs : limits.retryMs;
    if (state !== 'starting') return limits.slowMs;
    const thisWaitMs = waitMs;
    waitMs = Math.min(waitMs * 2, limits.startMaxMs);
    return Math.max(thisWaitMs, (starting.value - 1) * waitPerStartingMs);
  };
  const ask = async (): Promise<void> => {
    const why = await options.ask();
    if (ended) return;
    if (why === undefined) answered();
    else refused(why);
    if (!ended) cancelWait = clock.after(nextWaitMs(), () => void ask());
  };
  starting.value += 1;
  void ask();
  return () => {
    if (ended) return;
    ended = true;
    cancelWait();
    starting.value -= Number(state === 'starting');
  };
};
