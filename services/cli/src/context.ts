/** What every verb is given: the terminal, the environment, and a signal to end. */
import type { Terminal } from './output/terminal.ts';

export interface Context {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts at Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Where data is kept when neither --data nor FLYBALL_DATA says so. */
export const defaultDataFolder = '.flyball';

/** Exit codes that scripts may rely on. */
export const exitCode = {
  ok: 0,
  /** The answer is no: a difference, a complaint, a scene that did not hold. */
  no: 1,
  /** Something outside is missing or refuses (EX_UNAVAILABLE). */
  outside: 69,
  /** A mistake of ours (EX_SOFTWARE). */
  bug: 70,
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
