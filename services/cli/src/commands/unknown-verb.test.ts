/** A verb that does not exist is named with the nearest, wherever it stands. */
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addReadingCommands } from './reading.ts';
import { addRunningCommands } from './running.ts';
import { refuseUnknownVerb } from './unknown-verb.ts';

const program = new Command('flyball').exitOverride().configureOutput({ writeErr: () => {} });
addRunningCommands(program, async () => undefined);
addReadingCommands(program, async () => undefined);

it.each([
  ['exlain', "'exlain'\n(Did you mean explain?)"],
  ['exlain --help', "'exlain'\n(Did you mean explain?)"],
  ['--help exlain', "'exlain'\n(Did you mean explain?)"],
  ['help exlain', "'exlain'\n(Did you mean explain?)"],
  ['replay verfy -h', "'verfy'\n(Did you mean verify?)"],
  ['replay help verfy', "'verfy'\n(Did you mean verify?)"],
  ['dead-letters shwo --help', "'shwo'\n(Did you mean show?)"],
  ['frobnicate --help', "'frobnicate'"],
])('%s', (words, told) => {
  const given = words.split(' ');
  expect(() => refuseUnknownVerb(program, given)).toThrow(`error: unknown command ${told}`);
});

it.each([
  '',
  '--help',
  'help',
  'help explain',
  'explain exlain',
  'explain default/web --help',
  'history help --follow',
  'replay state web --at -5m',
  'dead-letters --data elsewhere',
  'dead-letters retry 12 13',
])('nothing is said of: %s', (words) => {
  const given = words.split(' ').filter((word) => word !== '');
  expect(() => refuseUnknownVerb(program, given)).not.toThrow();
});
