/** The verb for traces. */
import { traceKinds } from '@flyball/console/wire';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Run } from '../context.ts';
import { momentsAllowed } from '../reading/moment.ts';
import { type TraceOptions, trace } from '../verbs/trace.ts';
import { outputOption, parseAt, parseWorkload } from './options.ts';
import { addSourceOptions } from './source-options.ts';

const listedMax = 1_000;
const unitMs = { ms: 1, s: 1_000, m: 60_000 } as const;

const parseDuration = (given: string): number => {
  const [, amount, unit] = /^(\d{1,7}(?:\.\d{1,3})?)(ms|s|m)$/.exec(given) ?? [];
  if (unit !== undefined) return Number(amount) * unitMs[unit as keyof typeof unitMs];
  throw new InvalidArgumentError('allowed: a number with ms, s or m, such as 500ms or 2s.');
};

const parseLimit = (given: string): number => {
  const limit = Number(given);
  if (/^\d+$/.test(given) && limit >= 1 && limit <= listedMax) return limit;
  throw new InvalidArgumentError(`allowed: 1 to ${listedMax}.`);
};

const parseUrl = (given: string): string => {
  const url = URL.parse(given);
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) return url.href;
  throw new InvalidArgumentError('allowed: http://HOST:PORT or https://HOST:PORT.');
};

const parseId = (given: string): string => {
  if (given === 'latest' || /^[^\s:]+:\S+$/.test(given)) return given;
  // Others write them in upper case too.
  if (/^[0-9a-f]{1,32}$/i.test(given)) return given.toLowerCase();
  throw new InvalidArgumentError(
    'allowed: a trace id or its beginning (hexadecimal, 32 digits), the id of an event, or latest.',
  );
};

/** `cold-start` on the command line is `cold start`. */
const kindWord = (kind: string): string => kind.replace(' ', '-');

const parseKind = (given: string): (typeof traceKinds)[number] => {
  const kind = traceKinds.find((one) => kindWord(one) === kindWord(given));
  if (kind !== undefined) return kind;
  throw new InvalidArgumentError(`allowed: ${traceKinds.map(kindWord).join(', ')}.`);
};

interface TraceFlags extends Omit<TraceOptions, 'id' | 'slowerThanMs' | 'sinceMs'> {
  readonly slowerThan?: number;
  readonly since?: number;
}

const addFilters = (command: Command): Command =>
  command
    .addOption(
      new Option('--workload <workload>', 'NAMESPACE/NAME; all without it').argParser(
        parseWorkload,
      ),
    )
    .addOption(
      new Option(
        '--kind <kind>',
        `only ${traceKinds.map(kindWord).join(', ')}; all without it`,
      ).argParser(parseKind),
    )
    .addOption(
      new Option('--slower-than <time>', 'only those that took as long: 500ms, 2s').argParser(
        parseDuration,
      ),
    )
    .addOption(new Option('--since <moment>', momentsAllowed).argParser(parseAt))
    .addOption(
      new Option('--limit <n>', 'at most so many, the newest').argParser(parseLimit).default(20),
    );

export const addTrace = (program: Command, run: Run): void => {
  const command = program
    .command('trace')
    .description('List what was traced, or show one: a request, phase by phase, as a waterfall.')
    .argument('[id]', 'a trace id or its beginning, the id of an event, or latest', parseId)
    .addOption(
      new Option('--console <url>', 'use this console instead of looking for one').argParser(
        parseUrl,
      ),
    );
  addFilters(command).addOption(outputOption());
  addSourceOptions(command)
    .addHelpText(
      'after',
      `
The console keeps the newest thousand traces. A cold start that it no longer keeps is shown from
the log, with what is recorded of it. docs/tracing.md explains one line by line.

Examples:
  flyball trace                                     the newest twenty
  flyball trace --kind cold-start --slower-than 1s  slow cold starts
  flyball trace latest --workload default/web       the waterfall of the newest
  flyball trace 4bf92f35 -o json                    one, for a program`,
    )
    .action((id: string | undefined, { slowerThan, since, ...options }: TraceFlags) =>
      run((context) =>
        trace(context, { ...options, id, slowerThanMs: slowerThan, sinceMs: since }),
      ),
    );
};
