/** The verbs that only read: get, explain, history, trace, replay, policy, doctor, conformance. */
import type { WorkloadKey } from '@flyball/contracts';
import type { Command } from 'commander';
import type { Run } from '../context.ts';
import { momentsAllowed } from '../reading/moment.ts';
import type { ReadingOptions } from '../reading/reader.ts';
import { type ConformanceOptions, conformance } from '../verbs/conformance.ts';
import { type DoctorOptions, doctor } from '../verbs/doctor.ts';
import { explain } from '../verbs/explain.ts';
import { type GetOptions, get } from '../verbs/get.ts';
import { type HistoryOptions, history } from '../verbs/history.ts';
import { policy } from '../verbs/policy.ts';
import { policyOfFiles } from '../verbs/policy-files.ts';
import { type ReplayStateOptions, replayState } from '../verbs/replay-state.ts';
import { type ReplayVerifyOptions, replayVerify } from '../verbs/replay-verify.ts';
import {
  dataOption,
  fileOption,
  kubeconfigOption,
  outputOption,
  parseAt,
  parseWorkload,
} from './options.ts';
import { addSourceOptions } from './source-options.ts';
import { addTrace } from './tracing.ts';

const addGet = (program: Command, run: Run): void => {
  const command = program
    .command('get')
    .description(
      'Show each workload: replicas, mode, averages, target, last decision, age of data.',
    )
    .argument('[workload]', 'NAMESPACE/NAME; all without it', parseWorkload)
    .option('-w, --watch', 'keep showing changes, until Ctrl-C', false)
    .addOption(outputOption());
  addSourceOptions(command)
    .addHelpText(
      'after',
      `
READY is ready/desired, SCALE is min..max, DATA is how old the averages are.
Read from the log alone: it answers even while the decider is down.

Examples:
  flyball get --watch                  the table, live
  flyball get --cluster                the workloads of a Kubernetes cluster
  flyball get default/web -o json      one workload for a program`,
    )
    .action((workload: WorkloadKey | undefined, options: Omit<GetOptions, 'workload'>) =>
      run((context) => get(context, { ...options, workload })),
    );
};

interface HistoryFlags extends Omit<HistoryOptions, 'workload' | 'sinceMs'> {
  readonly since?: number;
}

const addHistory = (program: Command, run: Run): void => {
  const command = program
    .command('history')
    .description(
      'Show what happened to a workload: its events in the order of the log, one a line.',
    )
    .argument('<workload>', 'NAMESPACE/NAME', parseWorkload)
    .option('--since <moment>', momentsAllowed, parseAt)
    .option('-f, --follow', 'continue with new events, until Ctrl-C', false)
    .addOption(outputOption());
  addSourceOptions(command)
    .addHelpText(
      'after',
      `
With -o json each line is one CloudEvent, byte for byte as it is stored.

Examples:
  flyball history default/web --since -10m --follow
  flyball history default/web -o json | jq -c 'select(.type | contains(".decided.")).data'`,
    )
    .action((workload: WorkloadKey, { since, ...options }: HistoryFlags) =>
      run((context) => history(context, { ...options, workload, sinceMs: since })),
    );
};

const addExplain = (program: Command, run: Run): void => {
  const command = program
    .command('explain')
    .description(
      'Say why a workload has, or had, this many replicas: inputs, rules, what holds it.',
    )
    .argument('<workload>', 'NAMESPACE/NAME', parseWorkload)
    .option('--at <moment>', `as of then: ${momentsAllowed}`, parseAt)
    .addOption(outputOption());
  addSourceOptions(command)
    .addHelpText(
      'after',
      `
Each rule is shown in order with the number before and after it; ▸ marks the one that decided it.

Examples:
  flyball explain default/web
  flyball explain default/web --context prod    on the cluster of that name
  flyball explain default/web --at 03:00        why did it do that at night?
  flyball explain default/web --at -5m -o json`,
    )
    .action((workload: WorkloadKey, { at, ...options }: ReadingOptions & { at?: number }) =>
      run((context) => explain(context, { ...options, workload, atMs: at })),
    );
};

const addReplayVerify = (replay: Command, run: Run): void => {
  const command = replay
    .command('verify')
    .description('Decide everything recorded again and compare; exit code 1 on any difference.')
    .argument('[workload]', 'NAMESPACE/NAME; all without it', parseWorkload)
    .addOption(outputOption());
  addSourceOptions(command)
    .addHelpText(
      'after',
      `
Also checks that no event was changed, lost or doubled (each subject is a chain of hashes), and
that every held request is accounted for.

Examples:
  flyball replay verify
  flyball replay verify default/web -o json`,
    )
    .action((workload: WorkloadKey | undefined, options: ReplayVerifyOptions) =>
      run((context) => replayVerify(context, { ...options, workload })),
    );
};

interface StateFlags extends Omit<ReplayStateOptions, 'workload' | 'atMs'> {
  readonly at: number;
}

const addReplay = (program: Command, run: Run): void => {
  const replay = program
    .command('replay')
    .description('Decide the recorded past again: verify it, or look at one moment of it.');
  addReplayVerify(replay, run);
  const command = replay
    .command('state')
    .description('Print what the decider knew of a workload at a moment, as JSON.')
    .argument('<workload>', 'NAMESPACE/NAME', parseWorkload)
    .requiredOption('--at <moment>', momentsAllowed, parseAt);
  addSourceOptions(command)
    .addHelpText('after', '\nExample:\n  flyball replay state default/web --at 10:41:30')
    .action((workload: WorkloadKey, { at, ...options }: StateFlags) =>
      run((context) => replayState(context, { ...options, workload, atMs: at })),
    );
};

interface PolicyFlags extends ReadingOptions {
  readonly file?: readonly string[];
}

const addPolicy = (program: Command, run: Run): void => {
  const command = program
    .command('policy')
    .description('Show every effective value of a policy, the layer that set it, and complaints.')
    .argument('[workload]', 'NAMESPACE/NAME; with -f all of the files without it', parseWorkload)
    .addOption(fileOption())
    .addOption(outputOption());
  addSourceOptions(command)
    .addHelpText(
      'after',
      `
Layers, later wins: default, config-autoscaler, annotation, spec, order. With -f it shows what files
would set, without a running Flyball; for class hpa also the HorizontalPodAutoscaler.

Examples:
  flyball policy default/web
  flyball policy -f web.yaml -f config-autoscaler.yaml`,
    )
    .action((workload: WorkloadKey | undefined, { file, ...options }: PolicyFlags) => {
      if (file !== undefined) {
        return run((context) => policyOfFiles(context, { ...options, file, workload }));
      }
      if (workload !== undefined)
        return run((context) => policy(context, { ...options, workload }));
      return command.error('error: name a workload, or files with -f');
    });
};

const addDoctor = (program: Command, run: Run): void => {
  program
    .command('doctor')
    .description('Check each part that Flyball needs, and say how to mend what is missing.')
    .addOption(outputOption())
    .addOption(dataOption())
    .addOption(kubeconfigOption('check this cluster instead of this machine'))
    .addHelpText(
      'after',
      `
Checks this machine first, then the Flyball that runs with --data, part by part; then the cluster
that KUBECONFIG names, if it names one: what would fight Flyball there.
Exit code 1 if something needed is missing.

Examples:
  flyball doctor
  flyball doctor --kubeconfig ~/.kube/config`,
    )
    .action((options: DoctorOptions) => run((context) => doctor(context, options)));
};

const addConformance = (program: Command, run: Run): void => {
  program
    .command('conformance')
    .description("Run vectors of Knative's own answers through Flyball's code; list differences.")
    .argument('<directory>', 'where the vectors are')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Runs what the directory has of scale/*.json, scale-random.jsonl, resolve.jsonl, config.jsonl,
annotations.jsonl and lifecycle.jsonl, in behaviour knative. Exit code 1 on any difference.

Example:
  flyball conformance ./vectors`,
    )
    .action((directory: string, options: Omit<ConformanceOptions, 'directory'>) =>
      run((context) => conformance(context, { ...options, directory })),
    );
};

/** Adds the reading verbs; `run` gives each its context and ends with its exit code. */
export const addReadingCommands = (program: Command, run: Run): void => {
  addGet(program, run);
  addExplain(program, run);
  addHistory(program, run);
  addTrace(program, run);
  addReplay(program, run);
  addPolicy(program, run);
  addDoctor(program, run);
  addConformance(program, run);
};
