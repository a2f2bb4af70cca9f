/** The verb for supervisors: part. */
import { Argument, type Command, Option } from 'commander';
import type { Run } from '../context.ts';
import { partNames } from '../up/parts.ts';
import { type PartVerbOptions, part } from '../verbs/part.ts';
import { dataOption, domainOption, logLevelOption } from './options.ts';

export const addPart = (program: Command, run: Run): void => {
  program
    .command('part')
    .description(
      'Run one part of Flyball on this machine, for a supervisor such as Tilt that starts all.',
    )
    .addArgument(new Argument('<name>', 'which part').choices(partNames))
    .addOption(new Option('--ports <file>', 'JSON of the ports of all parts').makeOptionMandatory())
    .addOption(dataOption())
    .addOption(domainOption())
    .addOption(logLevelOption())
    .addHelpText(
      'after',
      `
All parts of one Flyball have the same --data and --ports. prepare comes first, then the stores and
local-node, streams once NATS listens, then the services in any order.`,
    )
    .action((name: PartVerbOptions['name'], options: Omit<PartVerbOptions, 'name'>) =>
      run((context) => part(context, { ...options, name })),
    );
};
