/** A question to the console that is asked again: one at a time, and anew while it fails. */

/** After a failure it is asked again by itself. */
const retryMs = 3_000;

export interface Asking {
  /** Asks; while an answer is awaited, once more when that has come. */
  ask(): void;
  /** Asks as soon as nothing else was asked for this long. */
  askAfter(pauseMs: number): void;
  /** Gives up what is under way, and asks nothing more. */
  end(): void;
}

/** What came of it: `failed` is asked again after a while. */
export type Outcome = 'answered' | 'failed';

/**
 * `work` asks and keeps the answer; what it rejects with after the signal has aborted is passed
 * over. Nothing is asked again by itself while `isSeen` says that nobody looks.
 */
export const createAsking = (
  work: (signal: AbortSignal) => Promise<Outcome>,
  isSeen: () => boolean = () => document.visibilityState === 'visible',
): Asking => {
  const ended = new AbortController();
  const { signal } = ended;
  let isRunning = false;
  let isWanted = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const retry = (): void => {
    timer = setTimeout(() => (isSeen() ? ask() : retry()), retryMs);
  };
  const run = async (): Promise<void> => {
    let outcome: Outcome = 'answered';
    while (isWanted && !signal.aborted) {
      isWanted = false;
      outcome = await work(signal);
    }
    isRunning = false;
    if (outcome === 'failed' && !signal.aborted) retry();
  };
  const ask = (): void => {
    clearTimeout(timer);
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    run().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  };
  return {
    ask,
    askAfter: (pauseMs) => {
      clearTimeout(timer);
      timer = setTimeout(ask, pauseMs);
    },
    end: () => {
      clearTimeout(timer);
      ended.abort();
    },
  };
};
