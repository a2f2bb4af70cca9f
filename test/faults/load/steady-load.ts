/** The steady load, in a process of its own, and its count of how every request ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from '../../e2e/harness/until.ts';
import { type LoadPlan, loadReportSchema, type Outcome } from './load-wire.ts';

const loadProcess = join(import.meta.dirname, 'load-process.ts');
const answerLimitMs = 75_000;
const endLimitMs = 5_000;

export interface LoadTotals {
  readonly sent: number;
  readonly answered: number;
  readonly heldSent: number;
  /** How many failures there have been: those after it belong to what comes next. */
  readonly failures: number;
}

export interface SteadyLoad extends AsyncDisposable {
  totals(): LoadTotals;
  /** Every request that did not end with 200, since the first `after` of them. */
  failuresAfter(after: number): readonly Outcome[];
  /** Resolves when every request that was sent before `atMs` has ended. */
  endedThrough(atMs: number): Promise<void>;
}

/** Starts it; it goes on until it is disposed of. */
export const startSteadyLoad = async (
  plan: LoadPlan,
  env: Readonly<Record<string, string>>,
): Promise<SteadyLoad> => {
  const args = ['--disable-warning=ExperimentalWarning', loadProcess, JSON.stringify(plan)];
  const child = spawn(process.execPath, args, {
    env: { ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const failures: Outcome[] = [];
  let last = loadReportSchema.parse(((await once(child, 'message')) as [unknown])[0]);
  failures.push(...last.failures);
  child.on('message', (message) => {
    last = loadReportSchema.parse(message);
    failures.push(...last.failures);
  });
  const totals = (): LoadTotals => {
    const { sent, answered, heldSent } = last;
    return { sent, answered, heldSent, failures: failures.length };
  };
  return {
    totals,
    failuresAfter: (after) => failures.slice(after),
    endedThrough: async (atMs) => {
      const seen = () => last;
      await until('every request has ended', { limitMs: answerLimitMs, seen }, () => {
        if (child.exitCode !== null) throw new Error('the load has ended by itself');
        return last.oldestSentAtMs > atMs;
      });
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit', { signal: AbortSignal.timeout(endLimitMs) });
      child.disconnect();
      await exited.catch(() => child.kill('SIGKILL'));
    },
  };
};
