/** The verb that prints the manifests: install. */
import { type Command, Option } from 'commander';
import type { Run } from '../context.ts';
import {
  knativeServices,
  overlays,
  parseImages,
  parseOwnNamespace,
  parseTag,
  usualImages,
  usualNamespace,
} from '../install/install-choices.ts';
import { type InstallOptions, install } from '../verbs/install.ts';
import { parseDomain, parseNamespaces } from './dns-label.ts';

export const addInstall = (program: Command, run: Run): void => {
  program
    .command('install')
    .description("Print Flyball's manifests, for kubectl to apply; needs no cluster.")
    .option('--print', 'print it as YAML', false)
    .addOption(
      new Option('--overlay <name>', 'several replicas of everything, or one, with Jaeger')
        .choices(overlays)
        .default('production'),
    )
    .addOption(
      new Option('--namespace <name>', 'where Flyball itself runs')
        .argParser(parseOwnNamespace)
        .default(usualNamespace),
    )
    .addOption(
      new Option('--images <prefix>', 'where its images are, without /SERVICE')
        .argParser(parseImages)
        .default(undefined, usualImages),
    )
    .addOption(new Option('--tag <tag>', 'which of its images').argParser(parseTag))
    .addOption(
      new Option('--domain <domain>', 'hosts are <name>.<namespace>.<domain>')
        .argParser(parseDomain)
        .default('example.com'),
    )
    .addOption(
      new Option('--opt-in <which>', 'Deployments that are scaled: those annotated to be, or all')
        .choices(['annotated', 'all'])
        .default('annotated'),
    )
    .addOption(
      new Option('--namespaces <names>', 'watch the workloads of these only')
        .argParser(parseNamespaces)
        .default([], 'all'),
    )
    .addOption(
      new Option('--knative-services <how>', 'install their CRDs where there are none, or not')
        .choices(knativeServices)
        .default('install'),
    )
    .addHelpText(
      'after',
      `
No secret is printed: a Job makes the passwords and the streams on the cluster.

Examples:
  flyball install --print --images registry.example.com/flyball | kubectl apply --server-side -f -
  flyball install --print --overlay dev --namespaces shop > flyball.yaml`,
    )
    .action((options: InstallOptions) => run((context) => install(context, options)));
};
