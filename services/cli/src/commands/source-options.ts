/** The options that say which Flyball a verb reads. */
import { type Command, Option } from 'commander';
import { defaultDataFolder } from '../context.ts';
import { defaultSystemNamespace } from '../reading/log-source.ts';

const group = 'Which Flyball:';

const sourceOptions = (): readonly Option[] => [
  new Option(
    '--data <dir>',
    `one on this machine, by its data folder (FLYBALL_DATA, else ${defaultDataFolder})`,
  ),
  new Option(
    '--nats <url>',
    'any, by the NATS of its log (FLYBALL_NATS_URL, _USER and _PASSWORD)',
  ).conflicts(['data', 'cluster']),
  new Option('--cluster', "that of kubectl's current cluster").conflicts(['data']),
  new Option('--kubeconfig <file>', 'that of this cluster').implies({ cluster: true }),
  new Option('--context <name>', 'a context of the kubeconfig').implies({ cluster: true }),
  new Option(
    '--system-namespace <name>',
    `where Flyball itself runs on the cluster (${defaultSystemNamespace})`,
  ).implies({ cluster: true }),
];

/** Adds them to a verb that reads a log. */
export const addSourceOptions = (command: Command): Command => {
  for (const option of sourceOptions()) command.addOption(option.helpGroup(group));
  return command;
};
