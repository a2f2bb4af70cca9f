/** The image→command table: how to start on this machine what a cluster would run as an image. */
import { type Complaint, inReadingOrder } from './complaint.ts';
import { complain, entriesOf, parseLocated, type Spot, shapeOf, under } from './located-yaml.ts';
import { splitCommand } from './split-command.ts';
import { textAt, textMapAt, textsAt } from './yaml-values.ts';

export interface ImageCommand {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** By image. */
export type CommandTable = ReadonlyMap<string, ImageCommand>;

const shapes = 'image: command, image: [program, argument], or image: {command: …, env: {…}}';

/**
 * Reads lines `image: command`, where the command is a string (split like a shell does), a list,
 * or a map of `command` and `env`.
 */
export const readCommands = (input: {
  file: string;
  text: string;
}): { commands: CommandTable; complaints: readonly Complaint[] } => {
  const { roots, complaints } = parseLocated(input);
  const commands = new Map<string, ImageCommand>();
  for (const root of roots) {
    if (shapeOf(root) !== 'a map') {
      const message = 'A table of commands is a map of images to commands.';
      complain(root, { severity: 'error', message, allowed: shapes });
    }
    for (const [image, spot] of entriesOf(root)) {
      const read = readImageCommand(spot);
      if (read !== undefined) commands.set(image, read);
    }
  }
  return { commands, complaints: inReadingOrder(complaints) };
};

const readImageCommand = (spot: Spot): ImageCommand | undefined => {
  if (shapeOf(spot) !== 'a map') {
    const command = readCommand(spot);
    return command && { command, env: {} };
  }
  for (const [key, child] of entriesOf(spot)) {
    if (key === 'command' || key === 'env') continue;
    const message = `${key} is not part of an image's command.`;
    complain(child, { severity: 'error', message, allowed: 'command and env' });
  }
  const command = readCommand(under(spot, 'command'));
  const { texts: env } = textMapAt(under(spot, 'env'));
  return command && { command, env };
};

const readCommand = (spot: Spot): readonly string[] | undefined => {
  const shape = shapeOf(spot);
  if (shape === 'a list') {
    const words = textsAt(spot) ?? [];
    if (words.length > 0) return words;
  }
  if (shape !== 'a value') {
    const message = `The command of ${spot.key} is missing.`;
    complain(spot, { severity: 'error', message, allowed: shapes });
    return undefined;
  }
  const line = textAt(spot);
  if (line === undefined) return undefined;
  const split = splitCommand(line);
  if ('words' in split) return split.words;
  const message = `The command of ${spot.key} cannot be run: ${split.problem}.`;
  complain(spot, { severity: 'error', message, allowed: shapes });
  return undefined;
};

/** The table's line for an image: as written, else without its digest, else without its tag. */
export const commandFor = (table: CommandTable, image: string): ImageCommand | undefined => {
  const withoutDigest = image.replace(/@.*$/, '');
  const withoutTag = withoutDigest.replace(/:[^/:]*$/, '');
  return table.get(image) ?? table.get(withoutDigest) ?? table.get(withoutTag);
};
