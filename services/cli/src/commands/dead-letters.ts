/** The verbs for messages that stages put aside: list, show, retry, drop. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Run } from '../context.ts';
import type { ReadingOptions } from '../reading/reader.ts';
import { deadLetter, deadLetters } from '../verbs/dead-letters.ts';
import {
  dropDeadLetters,
  retryDeadLetters,
  type SettleOptions,
} from '../verbs/dead-letters-settle.ts';
import { outputOption } from './options.ts';
import { addSourceOptions } from './source-options.ts';

const parseId = (given: string): string => {
  if (/^[1-9]\d{0,15}$/.test(given)) return given;
  throw new InvalidArgumentError('allowed: a number as `flyball dead-letters` shows it.');
};

const parseIds = (given: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  parseId(given),
];

const allOption = (): Option => new Option('--all', 'all of them').default(false);

type Settle = (options: Omit<SettleOptions, 'ids'>, ids: readonly string[]) => Promise<void>;

const addSettling = (group: Command, name: string, description: string, settle: Settle): void => {
  const command = group
    .command(name)
    .description(description)
    .argument('[id...]', 'as `flyball dead-letters` shows it', parseIds, [])
    .addOption(allOption());
  addSourceOptions(command).action((ids: readonly string[], options: Omit<SettleOptions, 'ids'>) =>
    options.all === ids.length > 0
      ? command.error('error: name dead letters, or say --all; not both')
      : settle(options, ids),
  );
};

/** Adds the verbs; `run` gives each its context and ends with its exit code. */
export const addDeadLetterCommands = (program: Command, run: Run): void => {
  const group = program
    .command('dead-letters')
    .description('Messages that a stage could not take: list, show, retry or drop them.')
    .addHelpText(
      'after',
      `
A stage puts such a message aside, with the reason, and goes on without it.

Examples:
  flyball dead-letters                 the list, newest last
  flyball dead-letters show 12         one in full
  flyball dead-letters retry 12 13     after an upgrade that can read them
  flyball dead-letters drop --all      they need no more attention`,
    );
  const list = group
    .command('list', { isDefault: true })
    .description('List them, newest last; the default.')
    .addOption(outputOption());
  addSourceOptions(list).action((options: ReadingOptions) =>
    run((context) => deadLetters(context, options)),
  );
  const show = group
    .command('show')
    .description('Show one in full, with the message itself.')
    .argument('<id>', 'as `flyball dead-letters` shows it', parseId)
    .addOption(outputOption());
  addSourceOptions(show).action((id: string, options: ReadingOptions) =>
    run((context) => deadLetter(context, { ...options, id })),
  );
  addSettling(
    group,
    'retry',
    'Let the stage read them again: samples are published again, events are folded again.',
    (options, ids) => run((context) => retryDeadLetters(context, { ...options, ids })),
  );
  addSettling(
    group,
    'drop',
    'Drop them for good: they are no longer listed; the log stays as it is.',
    (options, ids) => run((context) => dropDeadLetters(context, { ...options, ids })),
  );
};
