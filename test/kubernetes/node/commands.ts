/** How to start as a process what a real node would run as an image. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ContainerSpec } from './pod-object.ts';

export const repositoryRoot = join(import.meta.dirname, '../../..');
const commandsFile = join(import.meta.dirname, 'commands.yaml');

/** Image without its tag or digest → program and arguments. */
export type Commands = Readonly<Record<string, readonly string[]>>;

export const readCommands = async (path = commandsFile): Promise<Commands> =>
  z.record(z.string(), z.array(z.string())).parse(parse(await readFile(path, 'utf8')));

const withoutVersion = (image: string): string => image.replace(/(:[^/:@]*)?(@[^@]*)?$/, '');

/**
 * Program and arguments of a container: as a real node has it, `command` replaces the image's
 * entry and `args` follow it. Throws when neither says what to start.
 */
export const commandOf = (container: ContainerSpec, commands: Commands): readonly string[] => {
  const { image, command, args, name } = container;
  const entry = command.length > 0 ? command : commands[withoutVersion(image)];
  if (entry !== undefined) return [...entry, ...args];
  throw new Error(
    `Container ${name} has no command, and nothing is known of the image ${image}: give it a ` +
      'command, or add the image to test/kubernetes/node/commands.yaml.',
  );
};

/** `$(NAME)` becomes the variable's value, as a real node has it; an unknown one stays. */
export const expand = (text: string, env: Readonly<Record<string, string>>): string =>
  text.replace(/\$\((\w+)\)/g, (whole, name: string) => env[name] ?? whole);
