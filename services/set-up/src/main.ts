/** The set-up as a process that ends: a Job of the manifests runs it. */
import { OutsideError } from '@flyball/contracts';
import { describeProblems, exitCodes, readConfig } from '@flyball/service';
import { pino } from 'pino';
import { setUpConfig } from './config.ts';
import { setUp } from './set-up.ts';

const logger = pino(
  { base: { service: 'set-up' }, timestamp: pino.stdTimeFunctions.isoTime },
  pino.destination({ dest: 1, sync: true }),
);

const run = async (): Promise<number> => {
  const read = readConfig(setUpConfig, process.env);
  if (!read.ok) {
    logger.fatal({ problems: read.problems }, describeProblems(read.problems));
    return exitCodes.config;
  }
  for (const warning of read.warnings) logger.warn(warning);
  logger.level = read.config.logLevel;
  try {
    await setUp(read.config, {
      done: (step) => logger.info({ step }, 'is there'),
      failed: (step, error) => logger.warn({ step, err: error }, 'not yet; tried again'),
    });
    return exitCodes.drained;
  } catch (error) {
    logger.fatal({ err: error }, error instanceof Error ? error.message : String(error));
    return error instanceof OutsideError ? exitCodes.outside : exitCodes.bug;
  }
};

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => process.exit(exitCodes.drainTooLong));
}
process.exit(await run());
