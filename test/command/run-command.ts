/** A script of `npm run` as a command: arguments, help, exit code, and its end by a signal. */
export const exit = { ok: 0, failed: 1, usage: 64, interrupted: 130 } as const;

/** A line of the result. */
export const out = (text: string): void => void process.stdout.write(`${text}\n`);
/** A line about the work on it. */
export const note = (text: string): void => void process.stderr.write(`${text}\n`);

/** Why the work ends when nobody reads on. */
const unread = Symbol('unread');

/** `npm run sim | head`: nobody reads on, so the work ends, in order and without a word. */
const endUnread = (interrupted: AbortController): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    interrupted.abort(unread);
  });
  process.stderr.on('error', () => undefined);
};

export interface Command<Given extends { readonly help: boolean }> {
  readonly usage: string;
  /** Throws an error whose message says what was given, and what is allowed. */
  read(): Given;
  /** Answers the exit code; what it throws once the signal has aborted is its way to end. */
  run(given: Given, signal: AbortSignal): Promise<number>;
}

const readOrSay = <Given extends { readonly help: boolean }>({
  usage,
  read,
}: Command<Given>): Given | undefined => {
  try {
    return read();
  } catch (error) {
    note(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return undefined;
  }
};

/** Runs it, and leaves its answer as the exit code of the process. */
export const runCommand = async <Given extends { readonly help: boolean }>(
  command: Command<Given>,
): Promise<void> => {
  const interrupted = new AbortController();
  endUnread(interrupted);
  const given = readOrSay(command);
  process.exitCode = given === undefined ? exit.usage : exit.ok;
  if (given === undefined) return;
  if (given.help) return out(command.usage.trimEnd());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => interrupted.abort());
  }
  try {
    process.exitCode = await command.run(given, interrupted.signal);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    process.exitCode = exit.interrupted;
  }
  if (interrupted.signal.reason === unread) process.exitCode = exit.ok;
};
