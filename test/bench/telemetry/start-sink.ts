/** Starts the receiver of spans as a process, and asks it how many have come. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface SinkProcess {
  /** For FLYBALL_TRACES_URL. */
  readonly url: string;
  /** Spans that have come so far. */
  received(): Promise<number>;
}

/** Ended with the stack. */
export const startSinkProcess = async (stack: AsyncDisposableStack): Promise<SinkProcess> => {
  const script = join(import.meta.dirname, 'sink-process.ts');
  const child = spawn(process.execPath, [script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const early = once(child, 'exit').then(() => {
    throw new Error('the receiver of spans ended before it listened');
  });
  early.catch(() => undefined);
  const [url] = (await Promise.race([once(child, 'message'), early])) as [string];
  return { url, received: async () => Number(await (await fetch(url)).text()) };
};
