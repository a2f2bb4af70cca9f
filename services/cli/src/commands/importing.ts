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
      new Option('-n, --namespace <name>', 'where to look, and of objects that name none')
        .argParser(parseNamespace)
        .default('default'),
    )
    .addOption(
      new Option('-A, --all-namespaces', 'look in all of them; of a cluster only').default(false),
    )
    .addOption(kubeconfigOption())
    .addOption(
      new Option('--apply', 'do it, up to the first step that is to be done by hand').default(
        false,
      ),
    )
    .addOption(
      new Option('-o, --output <format>', 'text: a script of kubectl; yaml: patches for kustomize')
        .choices(['text', 'yaml', 'json'])
        .default('text'),
    )
    .addHelpText(
      'after',
      `
What has no counterpart is told with a sentence each, as comments of the script.

Examples:
  kubectl get ksvc,hpa,deploy,svc -o yaml | flyball import -f -
  flyball import --namespace shop                 the same, from the cluster itself
  flyball import --namespace shop --apply`,
    )
    .action((options: ImportOptions) => run((context) => importObjects(context, options)));
};
