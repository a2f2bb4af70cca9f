/** One container: a process that is started again when it ends, and asked whether it is ready. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { repositoryRoot } from './commands.ts';
import type { ContainerSpec, ReadinessProbe } from './pod-object.ts';
import { askReady } from './probe.ts';

/** A real node starts with 10 s; here a tenth of that, and at most as long. */
const backOffFirstMs = 1_000;
const backOffMaxMs = 300_000;
/** What a container needs may not be there yet, a Secret for one: so often it is looked for. */
const planEveryMs = 1_000;
/** A container that is not ready yet is asked again after this, twice as long each time. */
const startAskMinMs = 2;
const startAskMaxMs = 25;
const stoppedBySignal = 128;
const signalNumbers: Readonly<Record<string, number>> = { SIGKILL: 9, SIGTERM: 15, SIGINT: 2 };

export interface ContainerState {
  readonly pid: number | undefined;
  readonly startedAtMs: number | undefined;
  readonly ready: boolean;
  readonly restarts: number;
  readonly lastExit: { readonly code: number; readonly atMs: number } | undefined;
  /** Why it cannot be started at all. */
  readonly refused: string | undefined;
  /** It has ended and will not be started again. */
  readonly done: boolean;
}

export interface ContainerOptions {
  readonly spec: ContainerSpec;
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly podAddress: string;
  readonly logPath: string;
  /** Program, arguments and environment; rejects when they cannot be had. */
  readonly plan: () => Promise<{ command: readonly string[]; env: Record<string, string> }>;
  readonly onChange: () => void;
}

export interface Container {
  readonly spec: ContainerSpec;
  state(): ContainerState;
  /** To it and to everything that it has started. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** It is not started again from now on; resolves when its process is gone. */
  ended(): Promise<void>;
}

const signalGroup = (pid: number | undefined, name: NodeJS.Signals): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended already.
  }
};

const launch = (
  [program = '', ...args]: readonly string[],
  env: Record<string, string>,
  logPath: string,
): ChildProcess => {
  const log = openSync(logPath, 'a');
  try {
    // When the node is killed the kernel ends its pods.
    return spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], {
      ...{ env, cwd: repositoryRoot, detached: true },
      stdio: ['ignore', log, log],
    });
  } finally {
    closeSync(log);
  }
};

const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once('error', () => resolve(stoppedBySignal - 1));
    child.once('exit', (code, signal) => {
      signalGroup(child.pid, 'SIGKILL');
      resolve(code ?? stoppedBySignal + (signalNumbers[signal ?? ''] ?? 0));
    });
  });

/** Asks until `signal` aborts; tells each change of mind. */
const followReadiness = async (
  ask: () => Promise<boolean>,
  probe: ReadinessProbe,
  tell: (ready: boolean) => void,
  signal: AbortSignal,
): Promise<void> => {
  let [ready, inRow, waitMs] = [false, 0, startAskMinMs];
  await wait(probe.initialDelaySeconds * 1_000, undefined, { signal });
  while (!signal.aborted) {
    const answer = await ask();
    if (signal.aborted) return;
    inRow = answer === ready ? 0 : inRow + 1;
    if (inRow >= (ready ? probe.failureThreshold : probe.successThreshold)) {
      ready = answer;
      inRow = 0;
      tell(ready);
    }
    waitMs = ready ? startAskMinMs : Math.min(waitMs * 2, startAskMaxMs);
    await wait(ready ? probe.periodSeconds * 1_000 : waitMs, undefined, { signal });
  }
};

/** Tells each refusal and tries again; undefined once `signal` aborts. */
const untilPlanned = async (
  plan: ContainerOptions['plan'],
  refuse: (why: string) => void,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<typeof plan>> | undefined> => {
  while (!signal.aborted) {
    try {
      return await plan();
    } catch (error) {
      refuse(error instanceof Error ? error.message : String(error));
      await wait(planEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
};

/** Starts it at once, and again with back-off whenever it ends, as its pod's policy says. */
export const runContainer = (options: ContainerOptions): Container => {
  const { spec, podAddress, restartPolicy } = options;
  const stopping = new AbortController();
  let state: ContainerState = {
    ...{ pid: undefined, startedAtMs: undefined, ready: false, restarts: 0 },
    ...{ lastExit: undefined, refused: undefined, done: false },
  };
  const change = (changes: Partial<ContainerState>): void => {
    state = { ...state, ...changes };
    options.onChange();
  };
  const setReady = (ready: boolean): void => change({ ready });
  const followProbe = (signal: AbortSignal): void => {
    const { readinessProbe: probe } = spec;
    if (probe === undefined) return;
    followReadiness(() => askReady(spec, probe, podAddress), probe, setReady, signal).catch(
      (error: Error) => signal.aborted || change({ refused: error.message }),
    );
  };
  const runOnce = async (): Promise<number> => {
    const refuse = (refused: string): void => change({ refused });
    const plan = await untilPlanned(options.plan, refuse, stopping.signal);
    if (plan === undefined || stopping.signal.aborted) return 0;
    const child = launch(plan.command, plan.env, options.logPath);
    const exit = exitOf(child);
    const life = new AbortController();
    const ready = spec.readinessProbe === undefined;
    change({ pid: child.pid, startedAtMs: Date.now(), ready, refused: undefined });
    followProbe(life.signal);
    const code = await exit;
    life.abort();
    return code;
  };
  const life = async (): Promise<void> => {
    for (let backOffMs = backOffFirstMs; ; backOffMs = Math.min(backOffMs * 2, backOffMaxMs)) {
      const code = await runOnce();
      const again = restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && code !== 0);
      const done = stopping.signal.aborted || !again;
      const lastExit = { code, atMs: Date.now() };
      const ended = { pid: undefined, startedAtMs: undefined, ready: false, lastExit, done };
      change({ ...ended, restarts: state.restarts + Number(!done) });
      if (done) return;
      const { signal } = stopping;
      await wait(backOffMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
  };
  const over = life().catch((error: Error) => change({ refused: error.message }));
  return {
    spec,
    state: () => state,
    signal: (name) => signalGroup(state.pid, name),
    ended: async () => {
      stopping.abort();
      await over;
    },
  };
};
