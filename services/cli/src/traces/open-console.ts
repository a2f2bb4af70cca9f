/** Finds the console of the Flyball that is meant, for as long as a verb asks it. */
import { OutsideError } from '@flyball/contracts';
import type { Context } from '../context.ts';
import { logSourceOf, type SourceOptions } from '../reading/log-source.ts';
import { findRunning } from '../running.ts';
import { type ConsoleClient, createConsoleClient } from './console-client.ts';

export interface ConsoleOptions extends SourceOptions {
  /** Its URL, instead of looking for it. */
  readonly console?: string | undefined;
}

export interface OpenConsole {
  readonly client: ConsoleClient;
  /** False: this Flyball's stages tell nothing; undefined: that is not known here. */
  readonly traces: boolean | undefined;
  close(): Promise<void>;
}

const without = (message: string): OutsideError =>
  new OutsideError('CONSOLE_UNREACHABLE', message, { retriable: false });

const nothingToClose = async (): Promise<void> => undefined;

const ofDataFolder = async (folder: string, signal: AbortSignal): Promise<OpenConsole> => {
  const { run } = await findRunning(folder);
  if (run.consoleUrl === undefined) {
    const message =
      `The Flyball of ${folder} runs without a console (--no-console), which would keep its ` +
      'traces. Start it without that option.';
    throw without(message);
  }
  const client = createConsoleClient(run.consoleUrl, signal);
  return { client, traces: run.traces, close: nothingToClose };
};

/**
 * The URL first, then what the options and the environment say of the Flyball, as for its log.
 * Rejects with CONSOLE_UNREACHABLE, NOT_RUNNING or PLATFORM_… errors; gives a sentence when what is
 * said cannot be used.
 */
export const openConsole = async (
  options: ConsoleOptions,
  env: Context['env'],
  signal: AbortSignal,
): Promise<OpenConsole | string> => {
  if (options.console !== undefined) {
    const client = createConsoleClient(options.console, signal);
    return { client, traces: undefined, close: nothingToClose };
  }
  const source = logSourceOf(options, env);
  if (typeof source === 'string') return source;
  if (source.kind === 'data') return ofDataFolder(source.folder, signal);
  if (source.kind === 'nats') {
    throw without('A NATS does not say where the console is: name it with --console URL.');
  }
  // Loaded only where there is a cluster to ask: it brings Kubernetes' client along.
  const { forwardToConsole } = await import('../cluster/forward-to-console.ts');
  const forwarded = await forwardToConsole(source);
  const client = createConsoleClient(forwarded.url, signal);
  return { client, traces: undefined, close: () => forwarded.close() };
};
