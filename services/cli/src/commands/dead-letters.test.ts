/** What `dead-letters retry` and `drop` take on their command line. */
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addDeadLetterCommands } from './dead-letters.ts';

/** Resolves with how often a verb was run. */
const runsOf = async (words: readonly string[]): Promise<number> => {
  let runs = 0;
  const program = new Command('flyball').exitOverride();
  program.configureOutput({ writeErr: () => undefined });
  addDeadLetterCommands(program, async () => {
    runs += 1;
  });
  await program.parseAsync(['dead-letters', ...words], { from: 'user' });
  return runs;
};

describe.each(['retry', 'drop'])('%s', (verb) => {
  it.each([[['12']], [['12', '13']], [['--all']]])('takes %j', async (words) => {
    expect(await runsOf([verb, ...words])).toBe(1);
  });

  it.each([[[]], [['12', '--all']]])('refuses %j, before it connects', async (words) => {
    await expect(runsOf([verb, ...words])).rejects.toThrow('name dead letters, or say --all');
  });
});
