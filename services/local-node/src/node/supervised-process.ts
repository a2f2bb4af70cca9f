/** Keeps one process running: started again with back-off when it ends, until it is stopped. */
import type { Clock } from '@flyball/service';
import type { StartedProcess } from './child-process.ts';

export interface RestartLimits {
  /** First wait before a restart, and the longest; each is twice the one before. */
  readonly restartMinMs: number;
  readonly restartMaxMs: number;
  /** A run this long sets the wait back to the first one. */
  readonly stableRunMs: number;
}

export const defaultRestartLimits: RestartLimits = Object.freeze({
  restartMinMs: 100,
  restartMaxMs: 10_000,
  stableRunMs: 10_000,
});

export interface SupervisedOptions {
  readonly clock: Clock;
  readonly limits: RestartLimits;
  /** Waits this long before the first start. */
  readonly heldBackMs: number;
  readonly start: () => StartedProcess;
  /** The process was started: it may be asked from now on. */
  readonly onUp: () => void;
  /** It ended unasked; starts again after `restartInMs`. */
  readonly onDown: (message: string, restartInMs: number) => void;
  /** What must be done before a restart; must not reject. */
  readonly beforeRestart: () => Promise<void>;
}

export interface SupervisedProcess {
  readonly running: () => boolean;
  /** Kills it, so that it starts again with its back-off. */
  readonly restart: () => void;
  /** SIGTERM, then SIGKILL after the grace; resolves when it is gone. */
  readonly stop: (graceMs: number) => Promise<void>;
}

/** Starts at once (or after `heldBackMs`). */
export const superviseProcess = (options: SupervisedOptions): SupervisedProcess => {
  const { clock, limits } = options;
  let current: StartedProcess | undefined;
  let stopped = false;
  let waitMs = limits.restartMinMs;
  let cancelWait = (): void => undefined;

  const begin = (): void => {
    const startedAtMs = clock.monotonicMs();
    const started = options.start();
    current = started;
    if (started.pid !== undefined) options.onUp();
    void started.ended.then((message) => {
      current = undefined;
      if (stopped) return;
      if (clock.monotonicMs() - startedAtMs >= limits.stableRunMs) waitMs = limits.restartMinMs;
      options.onDown(message, waitMs);
      cancelWait = clock.after(waitMs, beginAgain);
      waitMs = Math.min(waitMs * 2, limits.restartMaxMs);
    });
  };
  const beginAgain = (): void => {
    void options.beforeRestart().then(() => {
      if (!stopped) begin();
    });
  };
  if (options.heldBackMs === 0) begin();
  else cancelWait = clock.after(options.heldBackMs, begin);

  return {
    running: () => current !== undefined,
    restart: () => current?.signal('SIGKILL'),
    stop: async (graceMs) => {
      stopped = true;
      cancelWait();
      const stopping = current;
      if (stopping === undefined) return;
      stopping.signal('SIGTERM');
      const cancelKill = clock.after(graceMs, () => stopping.signal('SIGKILL'));
      await stopping.ended;
      cancelKill();
    },
  };
};
