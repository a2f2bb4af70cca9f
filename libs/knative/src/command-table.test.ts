/** The image→command table, and how a command line is split. */
import { describe, expect, it } from 'vitest';
import { commandFor, readCommands } from './command-table.ts';
import { splitCommand } from './split-command.ts';

const read = (text: string) => readCommands({ file: 'commands.yaml', text });

it('takes a line, a list, or a map with an environment', () => {
  const { commands, complaints } = read(`
    samples/line: node "my app.js" --port 80
    samples/list: [node, my app.js]
    samples/map:
      command: node app.js
      env: {COLOUR: "red"}
  `);
  expect(complaints).toEqual([]);
  expect(Object.fromEntries(commands)).toEqual({
    'samples/line': { command: ['node', 'my app.js', '--port', '80'], env: {} },
    'samples/list': { command: ['node', 'my app.js'], env: {} },
    'samples/map': { command: ['node', 'app.js'], env: { COLOUR: 'red' } },
  });
});

it('finds an image as written, else without digest, else without tag', () => {
  const { commands } = read('a/b: plain\na/b:v2: tagged\nhost:5000/a/b: hosted');
  const program = (image: string) => commandFor(commands, image)?.command[0];
  expect(program('a/b')).toBe('plain');
  expect(program('a/b:v1')).toBe('plain');
  expect(program('a/b:v2')).toBe('tagged');
  expect(program('a/b:v2@sha256:00')).toBe('tagged');
  expect(program('a/b@sha256:00')).toBe('plain');
  expect(program('host:5000/a/b:v9')).toBe('hosted');
  expect(program('a/c')).toBeUndefined();
});

it.each([
  ['a: ""', 'a'],
  ['a: []', 'a'],
  ['a:', 'a'],
  ['a: 7', 'a'],
  ['a: node x | tee log', 'a'],
  ['a: "node \'x"', 'a'],
  ['a: {run: node x}', 'run'],
  ['a: {command: node x, env: {N: 1}}', 'N'],
  ['- a', ''],
])('%j is complained of', (text, key) => {
  const { complaints } = read(text);
  expect(complaints.map((one) => `${one.line} ${one.severity} ${one.key}`)).toContain(
    `1 error ${key}`,
  );
});

describe('splitting', () => {
  it.each([
    ['node app.js', ['node', 'app.js']],
    ["  sh -c 'a && b' ", ['sh', '-c', 'a && b']],
    ['a "b \\" c" d\\ e', ['a', 'b " c', 'd e']],
    ["a''b '' \"\"", ['ab', '', '']],
    ['a $', ['a', '$']],
  ])('%j gives %j', (line, words) => {
    expect(splitCommand(line)).toEqual({ words });
  });

  it.each(['', '  ', 'a "b', 'a \\', 'a && b', 'a > b', 'a $HOME', 'a `b`'])(
    '%j is refused',
    (line) => {
      expect(splitCommand(line)).toHaveProperty('problem');
    },
  );
});
