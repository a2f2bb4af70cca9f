/** One process in the foreground: its output is ours, and it ends when we are told to end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ProcessPlan } from './supervised.ts';

/** A part that has not ended this long after SIGTERM is killed. */
const killAfterMs = 15_000;

const start = ({ command, args, env, ready }: ProcessPlan): ChildProcess =>
  spawn(command, args, {
    env: { ...env },
    // Its own group: who ends the whole group of ours does not end it twice.
    detached: true,
    // Over the channel a service sees that we are gone, however we ended.
    stdio: ['ignore', 'inherit', 'inherit', ...(ready.by === 'ipc' ? ['ipc' as const] : [])],
  });

/** How it ended: its exit code, or the name of the signal. */
export type Ended = number | NodeJS.Signals;

/**
 * Runs until the process ends by itself, or for `lingerMs` after the signal asked for its end.
 * Rejects if it cannot start.
 */
export const runProcess = async (
  plan: ProcessPlan,
  signal: AbortSignal,
  { lingerMs = 0 }: { readonly lingerMs?: number } = {},
): Promise<Ended> => {
  const child = start(plan);
  const timers: NodeJS.Timeout[] = [];
  const end = (): void => {
    timers.push(
      setTimeout(() => child.kill('SIGTERM'), lingerMs),
      setTimeout(() => child.kill('SIGKILL'), lingerMs + killAfterMs),
    );
  };
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  try {
    const [code, by] = await ended;
    return by ?? code ?? 1;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
};
