/** The container that serves: its image, how it is started here, its environment and port. */
import { type CommandTable, commandFor } from './command-table.ts';
import {
  complain,
  entriesOf,
  isPresent,
  itemsOf,
  placeOf,
  type Spot,
  shapeOf,
  under,
} from './located-yaml.ts';
import { nearestKey } from './nearest-key.ts';
import { integerAt, stringAt, textAt, textsAt } from './yaml-values.ts';

export interface ContainerOptions {
  readonly commands: CommandTable;
  /** On this machine there are no images: each workload needs a command. */
  readonly needsCommand: boolean;
}

export interface ServingContainer {
  readonly image?: string;
  readonly command?: string[];
  readonly env: Record<string, string>;
  readonly port?: number;
}

const largestPort = 65_535;
const containerFields = ['image', 'command', 'args', 'env', 'ports'];

/** Reads the serving container out of a pod's spec: `containers:`, or the older `container:`. */
export const readContainer = (podSpec: Spot, options: ContainerOptions): ServingContainer => {
  const container = servingContainer(podSpec, options.needsCommand);
  if (container === undefined) return { env: {} };
  warnOfNearMisses(container, containerFields);
  const imageSpot = under(container, 'image');
  const image = stringAt(imageSpot);
  const entry = image === undefined ? undefined : commandFor(options.commands, image);
  const command = readCommand(container, entry?.command);
  if (command === undefined && options.needsCommand) {
    complainOfNoCommand(isPresent(imageSpot) ? imageSpot : container, image);
  }
  const port = integerAt(under(firstPort(container), 'containerPort'), 1, largestPort);
  return {
    ...(image === undefined ? {} : { image }),
    ...(command === undefined ? {} : { command }),
    env: { ...entry?.env, ...readEnv(under(container, 'env'), options.needsCommand) },
    ...(port === undefined ? {} : { port }),
  };
};

const firstPort = (container: Spot): Spot =>
  itemsOf(under(container, 'ports'))[0] ?? under(container, 'ports');

const servingContainer = (podSpec: Spot, onThisMachine: boolean): Spot | undefined => {
  const single = under(podSpec, 'container');
  if (isPresent(single)) return single;
  const all = itemsOf(under(podSpec, 'containers'));
  const serving = all.find((item) => isPresent(under(item, 'ports'))) ?? all[0];
  if (serving === undefined) {
    const message = 'There is no container: nothing could answer a request.';
    const allowed = 'containers: a list with at least one (or container: in runLatest)';
    complain(under(podSpec, 'containers'), { severity: 'error', message, allowed });
  } else if (all.length > 1 && onThisMachine) {
    const message = 'Only the container with ports is started on this machine, not its sidecars.';
    complain(under(podSpec, 'containers'), { severity: 'advice', message });
  }
  return serving;
};

/** The container's own command wins over the table's; its args follow either. */
const readCommand = (
  container: Spot,
  fromTable: readonly string[] | undefined,
): string[] | undefined => {
  const own = textsAt(under(container, 'command')) ?? [];
  const args = textsAt(under(container, 'args')) ?? [];
  const program = own.length > 0 ? own : fromTable;
  return program === undefined ? undefined : [...program, ...args];
};

const complainOfNoCommand = (at: Spot, image: string | undefined): void => {
  const name = image ?? 'IMAGE';
  const message =
    image === undefined
      ? 'This container has neither an image nor a command.'
      : `Nothing says how to start the image ${image} on this machine.`;
  const allowed =
    `a line "${name}: program arguments" in a file given by --commands FILE, ` +
    'or command: [program, argument] in the container';
  complain(at, { severity: 'error', message, allowed });
};

const readEnv = (spot: Spot, onThisMachine: boolean): Record<string, string> => {
  if (isPresent(spot) && shapeOf(spot) !== 'a list') {
    const message = `env is ${shapeOf(spot)}; it must be a list of name and value.`;
    complain(spot, { severity: 'error', message, allowed: '- name: KEY\n  value: "text"' });
  }
  return Object.fromEntries(
    itemsOf(spot).flatMap((item): [string, string][] => {
      const name = stringAt(under(item, 'name'));
      const value = under(item, 'value');
      if (name === undefined) {
        complain(item, { severity: 'error', message: 'This variable of env has no name.' });
        return [];
      }
      if (isPresent(under(item, 'valueFrom'))) {
        const message = `${name} comes from the cluster (valueFrom); here it is not set.`;
        if (onThisMachine) complain(under(item, 'valueFrom'), { severity: 'warning', message });
        return [];
      }
      return [[name, isPresent(value) ? (textAt({ ...value, key: name }) ?? '') : '']];
    }),
  );
};

/** Warns of keys that look like mistyped ones of ours; others are Kubernetes' own business. */
export const warnOfNearMisses = (map: Spot, fields: readonly string[]): void => {
  for (const [key, spot] of entriesOf(map)) {
    const near = fields.includes(key) ? undefined : nearestKey(key, fields);
    if (near === undefined || isPresent(under(map, near))) continue;
    const message = `${key} is not a field here and has no effect (${placeOf(spot).path}).`;
    complain(spot, { severity: 'warning', message, didYouMean: near });
  }
};
