/** The examples of both READMEs: their YAML is taken without an error, their commands are known. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrors, readManifests } from '@flyball/knative';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addReadingCommands } from './reading.ts';
import { addRunningCommands } from './running.ts';

const root = join(import.meta.dirname, '../../../..');
const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** Runs the words of a command line; nothing is done by its verb. */
const parse = async (words: readonly string[]): Promise<string> => {
  let ran = '';
  const program = new Command('flyball').exitOverride().configureOutput({ writeErr: () => {} });
  const run = async (): Promise<void> => {
    ran = words[0] ?? '';
  };
  addRunningCommands(program, run);
  addReadingCommands(program, run);
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(program)) command.exitOverride();
  await program.parseAsync(words, { from: 'user' });
  return ran;
};

describe.each(['README.md', 'README.ja.md'])('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8');
  const blocks = (language: string): string[] =>
    [...text.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, b]) => b ?? '');
  const lines = blocks('sh')
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*/, '').trim());

  it('shows a workload that is taken as it is', () => {
    const yaml = blocks('yaml');
    expect(yaml).toHaveLength(1);
    const { objects, complaints } = readManifests({ file, text: yaml[0] ?? '' });
    expect(hasErrors(complaints)).toBe(false);
    const command = ['node', 'samples/autoscale/src/main.js'];
    expect(objects).toMatchObject([{ name: 'my-app', command }]);
    expect(existsSync(join(root, command[1] ?? ''))).toBe(true);
  });

  const commands = lines.filter((line) => line.startsWith('npm '));

  it.each(commands)('%s', async (line) => {
    // What follows a pipe is a command of somebody else.
    const pattern = /^npm (?:run )?(?:--silent )?(\S+)(?: -- ([^|]*))?( \| .*)?$/;
    const [, script = '', rest = ''] = pattern.exec(line) ?? [];
    expect(Object.keys(scripts.scripts)).toContain(script);
    const words = rest.split(' ').filter((word) => word !== '');
    if (script === 'demo') expect(await parse(['demo', ...words])).toBe('demo');
    if (script === 'flyball' && words[0] !== '--help') expect(await parse(words)).toBe(words[0]);
  });
});
