/** The verb that reads other autoscalers' objects: import. */
import { type Command, Option } from 'commander';
import type { Run } from '../context.ts';
import { type ImportOptions, importObjects } from '../verbs/import.ts';
import { parseNamespace } from './dns-label.ts';
import { fileOption, kubeconfigOption } from './options.ts';

export const addImport = (program: Command, run: Run): void => {
  program
    .command('import')
    .description(
      'Turn Knative Services, KEDA HTTPScaledObjects and HPAs into settings of Flyball; changes ' +
        'nothing without --apply.',
    )
    .addOption(fileOption().default([], 'what the cluster has'))
    .addOption(
      new Option('-n, --namespace <name>', 'where to look, and for objects without one')
        .argParser(parseNamespace)
        .default('default'),
    )
    .addOption(
      new Option('-A, --all-namespaces', 'look in all namespaces of the cluster').default(false),
    )
    .addOption(kubeconfigOption())
    .addOption(
      new Option('--apply', 'do it, up to the first step that must be done by hand').default(false),
    )
    .addOption(
      new Option('-o, --output <format>', 'text: a script of kubectl; yaml: patches for kustomize')
        .choices(['text', 'yaml', 'json'])
        .default('text'),
    )
    .addHelpText(
      'after',
      `
Comments in the script explain what has no counterpart.

Examples:
  kubectl get ksvc,hpa,deploy,svc -o yaml | flyball import -f -
  flyball import --namespace shop                 the same, from the cluster itself
  flyball import --namespace shop --apply`,
    )
    .action((options: ImportOptions) => run((context) => importObjects(context, options)));
};
