/** One child process that is kept running: started, watched, started again, ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { OutsideError } from '@flyball/contracts';
import { identify, type ProcessIdentity } from './process-identity.ts';

const restartDelayFirstMs = 50;
const restartDelayMaxMs = 5_000;
/** A process that ran this long starts over with the first delay. */
const stableAfterMs = 10_000;
const killAfterMs = 15_000;
const tailLinesMax = 20;
const connectPollMs = 20;

export interface ProcessPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logPath: string;
  /** Ready when it says so over IPC, or when its port accepts. */
  readonly ready: { readonly by: 'ipc' } | { readonly by: 'port'; readonly port: number };
  readonly readyLimitMs: number;
}

export type ProcessEvent =
  | { readonly kind: 'started'; readonly name: string; readonly identity: ProcessIdentity }
  | { readonly kind: 'ready'; readonly name: string; readonly healthUrl: string | undefined }
  | {
      readonly kind: 'exited';
      readonly name: string;
      readonly how: string;
      readonly tail: readonly string[];
    };

export interface Supervised {
  readonly name: string;
  /** Resolves when it is ready for the first time; rejects when it cannot start. */
  readonly ready: Promise<void>;
  pid(): number | undefined;
  /** SIGTERM, then SIGKILL after a limit; resolves when it has ended. */
  stop(): Promise<void>;
}

/** One that is a process of its own. */
export interface SupervisedProcess extends Supervised {
  /** Kills it, so that it is started again at once: for one that can no longer end in order. */
  restart(): void;
}

interface Listening {
  readonly type: 'listening';
  readonly healthUrl?: string;
}

const isListening = (message: unknown): message is Listening =>
  typeof message === 'object' && message !== null && Reflect.get(message, 'type') === 'listening';

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });

const howEnded = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;

/** Keeps the last lines of what a process wrote, for the message when it fails. */
const keepTail = (child: ChildProcess, log: WriteStream): string[] => {
  const tail: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!log.destroyed) stream?.pipe(log, { end: false });
    stream?.setEncoding('utf8').on('data', (text: string) => {
      tail.push(...text.split('\n').filter((line) => line.trim() !== ''));
      tail.splice(0, tail.length - tailLinesMax);
    });
  }
  return tail;
};

const startChild = (plan: ProcessPlan): ChildProcess =>
  spawn(plan.command, plan.args, {
    env: { ...plan.env },
    // Its own process group: Ctrl-C reaches the supervisor alone, which ends the parts in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...(plan.ready.by === 'ipc' ? ['ipc' as const] : [])],
  });

/** Its health URL, if it has one, as soon as it is ready; rejects when `over` comes before. */
const untilReady = async (
  plan: ProcessPlan,
  child: ChildProcess,
  over: AbortSignal,
): Promise<string | undefined> => {
  if (plan.ready.by === 'ipc') {
    for (;;) {
      const [message] = (await once(child, 'message', { signal: over })) as [unknown];
      if (isListening(message)) return message.healthUrl;
    }
  }
  while (!(await accepts(plan.ready.port))) await wait(connectPollMs, undefined, { signal: over });
  return undefined;
};

/** When it is ready, and when and how it has ended; it is asked until it is one of both. */
const watch = (plan: ProcessPlan, child: ChildProcess) => {
  const over = new AbortController();
  const ended = endOf(child).finally(() => over.abort());
  // What ended before it was ready says how it ended.
  const ready = untilReady(plan, child, over.signal).then(
    (healthUrl) => ({ healthUrl }),
    () => ended,
  );
  return { ready, ended };
};

const failure = (plan: ProcessPlan, what: string, tail: readonly string[]): OutsideError => {
  const said = tail.length === 0 ? '' : ` Its last words:\n  ${tail.join('\n  ')}\n`;
  const message = `${plan.name} ${what}.${said} Its log is ${plan.logPath}.`;
  return new OutsideError('PART_FAILED', message, { retriable: false });
};

/** The log of a process; a full disk costs the log, not the process that it is about. */
const openLog = (path: string): { readonly log: WriteStream; readonly trouble: string[] } => {
  const log = createWriteStream(path, { flags: 'a' });
  const trouble: string[] = [];
  log.once('error', ({ message }) => trouble.push(`(its log cannot be written: ${message})`));
  log.on('error', () => undefined);
  return { log, trouble };
};

/** The pause before the next start of a process that ran so long, after the last pause. */
const nextDelayMs = (delayMs: number, ranMs: number): number =>
  ranMs > stableAfterMs ? restartDelayFirstMs : Math.min(delayMs * 2, restartDelayMaxMs);

/** Starts the process and keeps it running until `stop`. */
export const supervise = (
  plan: ProcessPlan,
  tell: (event: ProcessEvent) => void,
): SupervisedProcess => {
  const { log, trouble } = openLog(plan.logPath);
  const first = Promise.withResolvers<void>();
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  let wasReady = false;

  const runOnce = async (): Promise<void> => {
    child = startChild(plan);
    const tail = keepTail(child, log);
    const lastWords = () => [...tail, ...trouble];
    const { ready, ended } = watch(plan, child);
    const { pid } = child;
    const identity = pid === undefined ? undefined : identify(plan.name, pid);
    if (identity !== undefined) tell({ kind: 'started', name: plan.name, identity });
    const limit = wait(plan.readyLimitMs, 'late' as const, { ref: false });
    const outcome = await Promise.race([ready, ended, limit]);
    if (typeof outcome === 'object') {
      wasReady = true;
      tell({ kind: 'ready', name: plan.name, healthUrl: outcome.healthUrl });
      first.resolve();
    } else if (outcome === 'late') {
      first.reject(failure(plan, `was not ready after ${plan.readyLimitMs} ms`, lastWords()));
    }
    const how = await ended;
    tell({ kind: 'exited', name: plan.name, how, tail });
    if (!wasReady) first.reject(failure(plan, how, lastWords()));
  };

  const loop = async (): Promise<void> => {
    let delayMs = restartDelayFirstMs;
    while (!stopping.signal.aborted) {
      const begunAtMs = performance.now();
      await runOnce();
      if (!wasReady) return;
      delayMs = nextDelayMs(delayMs, performance.now() - begunAtMs);
      await wait(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };

  const done = loop().finally(() => log.end());
  first.promise.catch(() => undefined);
  return {
    name: plan.name,
    ready: first.promise,
    pid: () => child?.pid,
    restart: () => void child?.kill('SIGKILL'),
    stop: async () => {
      stopping.abort();
      child?.kill('SIGTERM');
      const kill = setTimeout(() => child?.kill('SIGKILL'), killAfterMs);
      await done;
      clearTimeout(kill);
    },
  };
};

/** How the process ended, as words; also when it could not be started at all. */
const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => resolve(howEnded(code, signal)));
  });
