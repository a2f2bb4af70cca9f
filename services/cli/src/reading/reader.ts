/** Opens the log of the Flyball that is meant, for as long as a verb reads it. */
import type { Reader } from '@flyball/reading';
import { systemClock } from '@flyball/service';
import { type Context, exitCode } from '../context.ts';
import type { LogUser } from './connect-log.ts';
import { logSourceOf, type SourceOptions } from './log-source.ts';
import { openLog } from './open-log.ts';
import { tellOutages } from './outages.ts';

/** Options that all reading verbs share. */
export interface ReadingOptions extends SourceOptions {
  readonly output: 'text' | 'json';
}

type Read = (reader: Reader) => Promise<number>;

const withLog = async (
  { terminal, env, signal }: Pick<Context, 'terminal' | 'env' | 'signal'>,
  options: SourceOptions,
  user: LogUser,
  read: Read,
): Promise<number> => {
  const source = logSourceOf(options, env);
  if (typeof source === 'string') {
    terminal.note(source, 'red');
    return exitCode.usage;
  }
  const { close, ended, ...open } = await openLog(source, user, signal);
  const stopTelling = tellOutages(open.log, terminal);
  try {
    const reading = read({ ...open, clock: systemClock });
    return await (ended === undefined ? reading : Promise.race([reading, ended]));
  } finally {
    stopTelling();
    await close();
  }
};

/**
 * Connects, reads, and closes whatever happens; resolves with the exit code. Rejects with
 * NOT_RUNNING, NATS_… or PLATFORM_… errors.
 */
export const withReader = (context: Context, options: SourceOptions, read: Read): Promise<number> =>
  withLog(context, options, 'reader', read);

/** The same as the user that may settle dead letters besides reading everything. */
export const withOperator = (
  context: Context,
  options: SourceOptions,
  work: Read,
): Promise<number> => withLog(context, options, 'operator', work);
