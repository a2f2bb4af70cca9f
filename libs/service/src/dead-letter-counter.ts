/** Counts what is put aside, by why. */
import { Counter, type Registry } from 'prom-client';

/** Why a message is put aside: it cannot be read, or the stage threw on it. */
const codes = ['LOG_CORRUPT', 'STAGE_THREW'];

/** Registers `<prefix>_dead_letters_total`, at 0 for each code, so that a first one is a rise. */
export const createDeadLetterCounter = (prefix: string, registry: Registry): Counter<'code'> => {
  const deadLetters = new Counter({
    name: `${prefix}_dead_letters_total`,
    help: 'Messages put aside because they could not be taken, by error code.',
    labelNames: ['code'] as const,
    registers: [registry],
  });
  for (const code of codes) deadLetters.inc({ code }, 0);
  return deadLetters;
};
