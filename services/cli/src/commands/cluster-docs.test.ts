/** The commands in docs/kubernetes are ones that this version takes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addReadingCommands } from './reading.ts';
import { addRunningCommands } from './running.ts';

const folder = join(import.meta.dirname, '../../../../docs/kubernetes');

const commandsIn = (text: string): string[] =>
  [...text.matchAll(/```sh\n(.*?)```/gs)]
    .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
    // The first or a later command of a pipe.
    .flatMap((line) => line.replace(/\s+#.*/, '').split('|'))
    .map((command) => command.trim().replace(/^npm run (--silent )?flyball -- /, 'flyball '))
    .filter((command) => command.startsWith('flyball '));

const commands = readdirSync(folder)
  .filter((file) => file.endsWith('.md'))
  .flatMap((file) =>
    commandsIn(readFileSync(join(folder, file), 'utf8')).map((command) => ({ file, command })),
  );

/** Runs the words of a command line; nothing is done by its verb. */
const parse = async (words: readonly string[]): Promise<boolean> => {
  let ran = false;
  const program = new Command('flyball').exitOverride().configureOutput({ writeErr: () => {} });
  const run = async (): Promise<void> => {
    ran = true;
  };
  addRunningCommands(program, run);
  addReadingCommands(program, run);
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(program)) command.exitOverride();
  await program.parseAsync(words, { from: 'user' });
  return ran;
};

it('there are some', () => {
  expect(commands.length).toBeGreaterThan(5);
});

it.each(commands)('$file: $command', async ({ command }) => {
  const words = command.split(/\s+/).slice(1);
  const redirected = words.findIndex((word) => /^[<>]/.test(word));
  expect(await parse(redirected === -1 ? words : words.slice(0, redirected))).toBe(true);
});
