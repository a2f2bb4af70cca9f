/** Services as the processes that they are in production: started, signalled, waited for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');
const keptLogBytes = 16_384;

export interface RunningProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** What it told its parent when it listened: healthUrl and, for the activator, gatewayUrl. */
  readonly told: Readonly<Record<string, string>>;
  /** The end of its log. */
  log(): string;
  /** Its exit code, once it has ended; null after a signal that killed it. */
  ended(): Promise<number | null>;
  /** The text of one of its health server's pages, and whether it said yes. */
  page(path: string): Promise<{ readonly status: number; readonly text: string }>;
}

/** Starts a service and waits until it listens; rejects with its log when it ends before. */
export const startProcess = async (
  service: string,
  env: Readonly<Record<string, string>>,
): Promise<RunningProcess> => {
  const child = spawn(process.execPath, [`${root}/services/${service}/src/main.ts`], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-keptLogBytes);
    });
  }
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const early = exit.then(([code]) => {
    throw new Error(`${service} ended with ${code} before it listened:\n${log}`);
  });
  const [told] = await Promise.race([once(child, 'message'), early]);
  early.catch(() => undefined);
  return {
    child,
    told,
    log: () => log,
    ended: async () => (await exit)[0],
    page: async (path) => {
      const response = await fetch(`${told.healthUrl}${path}`);
      return { status: response.status, text: await response.text() };
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exit;
    },
  };
};
