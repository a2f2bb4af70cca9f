/** The verbs that run Flyball or change what is run: demo, up, apply, install, dead-letters, … */
import type { WorkloadKey } from '@flyball/contracts';
import { type Command, Option } from 'commander';
import type { Run } from '../context.ts';
import { usualConsolePort } from '../up/choose-ports.ts';
import { all } from '../verbs/all.ts';
import { apply, lint, remove } from '../verbs/apply.ts';
import { type DemoOptions, demo } from '../verbs/demo.ts';
import { type UpOptions, up } from '../verbs/up.ts';
import { addDeadLetterCommands } from './dead-letters.ts';
import { addImport } from './importing.ts';
import { addInstall } from './installing.ts';
import {
  commandsOption,
  dataOption,
  domainOption,
  fileOption,
  logLevelOption,
  outputOption,
  parsePort,
  parseWorkload,
  strictOption,
} from './options.ts';
import { addPart } from './parts.ts';

const consoleOptions = (): readonly Option[] => [
  new Option(
    '--console-port <port>',
    `port of the console; 0 takes a free one (${usualConsolePort}, or a free one if that is taken)`,
  ).argParser(parsePort),
  new Option('--no-console', 'without the console, and so without traces in it'),
  new Option(
    '--no-traces',
    'no traces: saves each of four stages about 95 ms of its start and 15 MiB',
  ),
];

const addConsoleOptions = (command: Command): Command => {
  for (const option of consoleOptions()) command.addOption(option);
  return command;
};

const tracesHelp = `
\`flyball trace\` and the console show the traces of its requests; with OTEL_EXPORTER_OTLP_ENDPOINT
(or another OTEL_* endpoint) Jaeger and the like get them as well.`;

const addMachineOptions = (command: Command): Command => {
  command
    .addOption(fileOption().default([], 'none'))
    .addOption(commandsOption())
    .addOption(strictOption())
    .addOption(dataOption())
    .addOption(new Option('--host <address>', 'where the gateway listens').default('127.0.0.1'))
    .addOption(
      new Option('--port <port>', 'port of the gateway; 0 takes a free one')
        .argParser(parsePort)
        .default(8080),
    )
    .addOption(domainOption())
    .addOption(logLevelOption());
  return addConsoleOptions(command).addHelpText(
    'after',
    `
A workload needs a command to run here: in its YAML (containers[].command), or by its image:
  flyball up -f service.yaml --commands commands.yaml

NATS and Redis are found on PATH and started on free ports with their data in --data;
FLYBALL_NATS_URL and FLYBALL_REDIS_URL name running ones instead.
${tracesHelp}`,
  );
};

const addMachines = (program: Command, run: Run): void => {
  const upCommand = program
    .command('up')
    .description('Start everything on this machine in the foreground, until Ctrl-C.');
  addMachineOptions(upCommand).action((options: UpOptions) =>
    run((context) => up(context, options)),
  );
  const allCommand = program
    .command('all')
    .description('Like up, with every stage in one process: same code, same bus.');
  addMachineOptions(allCommand).action((options: UpOptions) =>
    run((context) => all(context, options)),
  );
};

const addDemo = (program: Command, run: Run): void => {
  const command = program
    .command('demo')
    .description('The whole story on this machine: zero to five and back, explained and replayed.');
  addConsoleOptions(command)
    .addOption(new Option('--fast', 'shorter loads and windows: about a minute').default(false))
    .addOption(commandsOption())
    .addOption(dataOption())
    .addOption(
      new Option('--port <port>', 'port of the gateway; 0 takes a free one')
        .argParser(parsePort)
        .default(0),
    )
    .addHelpText('after', '\nIt exits with 0 only if everything was as it should be.')
    .action((options: DemoOptions) => run((context) => demo(context, options)));
};

const folderHelp = `
A folder is taken as kubectl takes it (*.yaml, *.yml, *.json), or is a mounted ConfigMap
config-autoscaler: one file for each key. - is standard input.

Examples:`;

const forClusterOption = (): Option =>
  new Option('--for-cluster', 'an image is enough: a cluster starts it').default(false);

const lintExamples = `
  flyball lint --strict -f ./manifests -f config.yaml
  kubectl kustomize . | flyball lint --for-cluster -f -`;

const addApply = (program: Command, run: Run): void => {
  program
    .command('apply')
    .description('Apply workloads and settings; with any error, nothing is applied.')
    .addOption(fileOption().makeOptionMandatory())
    .addOption(commandsOption())
    .addOption(strictOption())
    .addOption(outputOption())
    .addOption(dataOption())
    .addHelpText(
      'after',
      `${folderHelp}\n  flyball apply -f samples/deployment.yaml
  kustomize build . | flyball apply -f -`,
    )
    .action((options: Parameters<typeof apply>[1]) => run((context) => apply(context, options)));
  program
    .command('lint')
    .description(
      'Check YAML without applying it: every problem with line, key and what is allowed.',
    )
    .addOption(fileOption().makeOptionMandatory())
    .addOption(commandsOption())
    .addOption(forClusterOption())
    .addOption(strictOption())
    .addOption(outputOption())
    .addHelpText('after', `${folderHelp}${lintExamples}`)
    .action((options: Parameters<typeof lint>[1]) => run((context) => lint(context, options)));
};

const addDelete = (program: Command, run: Run): void => {
  program
    .command('delete')
    .description('Delete a workload: its pods drain, its history stays.')
    .argument('<workload>', 'NAMESPACE/NAME', parseWorkload)
    .addOption(dataOption())
    .action((workload: WorkloadKey, { data }: { data: string }) =>
      run((context) => remove(context, { workload, data })),
    );
};

export const addRunningCommands = (program: Command, run: Run): void => {
  addDemo(program, run);
  addMachines(program, run);
  addApply(program, run);
  addDelete(program, run);
  addPart(program, run);
  addImport(program, run);
  addInstall(program, run);
  addDeadLetterCommands(program, run);
};
