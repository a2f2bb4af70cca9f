/** What every verb is given: the terminal, the environment, and a signal to end. */
import type { Terminal } from './output/terminal.ts';

export interface Context {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts at Ctrl-C or SIGTERM, and when nobody reads the results any more. */
  readonly signal: AbortSignal;
  /** All of standard input, for `-f -`. */
  readonly input: () => Promise<string>;
}

/** Where data is kept when neither --data nor FLYBALL_DATA says so. */
export const defaultDataFolder = '.flyball';

/** Exit codes that scripts may rely on. */
export const exitCode = {
  ok: 0,
  /** The answer is no: a difference, a complaint, a scene that did not hold. */
  no: 1,
  /** The command line cannot be understood (EX_USAGE). */
  usage: 64,
  /** Something outside is missing or refuses (EX_UNAVAILABLE). */
  outside: 69,
  /** A mistake of ours (EX_SOFTWARE). */
  bug: 70,
  /** Ended by Ctrl-C or SIGTERM before it was done. */
  interrupted: 130,
} as const;

/** A verb, given what all verbs need; resolves with the exit code. */
export type Verb = (context: Context) => Promise<number>;
export type Run = (verb: Verb) => Promise<void>;

/** Resolves when the signal aborts. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
