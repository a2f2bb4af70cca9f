/** What `trace` takes on its command line. */
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addTrace } from './tracing.ts';

/** What its argument is read as. */
const idOf = (given: string): unknown => {
  const program = new Command('flyball');
  addTrace(program, async () => undefined);
  const [command] = program.commands;
  command?.exitOverride().configureOutput({ writeErr: () => undefined });
  command?.parse([given], { from: 'user' });
  return command?.processedArgs[0];
};

it.each([
  ['4BF92F35', '4bf92f35'],
  ['4bf92f3577b34da6a3ce929d0e0e4736', '4bf92f3577b34da6a3ce929d0e0e4736'],
  ['decider-0-b1:ABC', 'decider-0-b1:ABC'],
  ['latest', 'latest'],
])('an id as it was written anywhere: %s', (given, id) => {
  expect(idOf(given)).toBe(id);
});

it.each(['newest', '4bf92g', '0'.repeat(33)])('nothing else: %s', (given) => {
  expect(() => idOf(given)).toThrow('allowed: a trace id or its beginning');
});
