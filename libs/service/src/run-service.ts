/** A service as a process: settings, signals, exit codes. */
import { OutsideError } from '@flyball/contracts';
import { type Logger, pino } from 'pino';
import { describeProblems, type Environment, readConfig } from './config.ts';
import type { CommonConfig, ServiceDefinition } from './service-definition.ts';
import { type RunningService, startService } from './start-service.ts';

/** How a service's process ends, as sysexits has it. */
export const exitCodes = {
  drained: 0,
  drainTooLong: 1,
  /** Something outside is missing or refuses: EX_UNAVAILABLE. */
  outside: 69,
  /** A broken invariant: EX_SOFTWARE. */
  bug: 70,
  /** Settings that cannot be taken: EX_CONFIG. */
  config: 78,
} as const;

const exitCodeOf = (error: unknown): number =>
  error instanceof OutsideError ? exitCodes.outside : exitCodes.bug;

const describeEnd = (error: unknown): string =>
  error instanceof OutsideError
    ? error.message
    : 'a bug: an invariant does not hold; the service ends and comes back from the log';

/** Logs are written synchronously at the end, so that the reason is never lost. */
const exit = (logger: Logger, code: number): never => {
  logger.flush();
  process.exit(code);
};

const createCrash = (logger: Logger): ((error: unknown) => void) => {
  let crashed = false;
  return (error) => {
    if (crashed) return;
    crashed = true;
    logger.fatal({ err: error }, describeEnd(error));
    exit(logger, exitCodeOf(error));
  };
};

/**
 * SIGTERM, SIGINT and a vanished parent drain; a second signal of the same kind ends at once. (A
 * terminal's Ctrl-C and its supervisor's SIGTERM come together: those are one wish.)
 */
const drainOnSignals = (logger: Logger, running: () => RunningService | undefined): void => {
  const asked = new Set<string>();
  const drain = async (why: string): Promise<void> => {
    if (asked.has(why)) {
      logger.warn({ why }, 'asked twice to end: ending at once');
      exit(logger, exitCodes.drainTooLong);
    }
    asked.add(why);
    if (asked.size > 1) return;
    logger.info({ why }, 'draining');
    try {
      await running()?.drain();
    } catch (error) {
      logger.error({ err: error }, 'could not end in time');
      exit(logger, exitCodes.drainTooLong);
    }
    logger.info('drained');
    exit(logger, exitCodes.drained);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void drain(signal));
  process.on('disconnect', () => void drain('the parent process is gone'));
};

const configOrExit = <Config extends CommonConfig>(
  definition: ServiceDefinition<Config>,
  env: Environment,
  logger: Logger,
): Readonly<Config> => {
  const read = readConfig(definition.configSchema, env);
  if (read.ok) {
    for (const warning of read.warnings) logger.warn({ service: definition.name }, warning);
    return read.config;
  }
  const { problems } = read;
  logger.fatal({ service: definition.name, problems }, describeProblems(problems));
  return exit(logger, exitCodes.config);
};

/**
 * Runs a service until it is told to end. Exit codes: `exitCodes`. When the process was started
 * with an IPC channel, its parent is told `{ type: 'listening', service, healthUrl, … }`.
 */
export const runService = async <Config extends CommonConfig>(
  definition: ServiceDefinition<Config>,
  env: Environment,
): Promise<void> => {
  const logger = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 1, sync: true }),
  );
  const crash = createCrash(logger);
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  const config = configOrExit(definition, env, logger);
  let running: RunningService | undefined;
  drainOnSignals(logger, () => running);
  try {
    running = await startService(definition, config, { logger, env, onCrash: crash });
  } catch (error) {
    crash(error);
    return;
  }
  const { name, healthUrl, announced } = running;
  process.send?.({ type: 'listening', service: name, healthUrl, ...announced });
};
