/** Nothing half done, nothing of one machine, is left in the house. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  debuggingLeftovers,
  machinePaths,
  registryAddresses,
  unfinishedLines,
} from './rules/leftovers.ts';
import { codeFiles, root, textFiles } from './source-files.ts';

const planted = (text: string) => ({ path: 'planted.ts', text });
const at = (...parts: string[]) => ['', ...parts].join('/');

test('there is text to look at', () => {
  expect(textFiles.length).toBeGreaterThan(codeFiles.length);
});

test('nothing is marked as unfinished', () => {
  expect(textFiles.flatMap(unfinishedLines)).toEqual([]);
  expect(unfinishedLines(planted(`\n// ${'to'.toUpperCase()}DO: later`))).toHaveLength(1);
  expect(unfinishedLines(planted(`/* ${'fix'.toUpperCase()}ME */ work();`))).toHaveLength(1);
  expect(unfinishedLines(planted('const todo = methodology;'))).toEqual([]);
});

test('no console, no debugger, no test narrowed to one', () => {
  expect(codeFiles.flatMap(debuggingLeftovers)).toEqual([]);
});

test.each([
  'console.log(1);',
  'debugger;',
  "test.only('x', f);",
  "describe.only('x', f);",
  "it.skipIf(x).only('x', f);",
  "test.todo('x');",
])('%s is found', (text) => {
  const found = debuggingLeftovers(planted(text));
  expect(found.length).toBe(1);
});

test('no path of one machine', () => {
  expect(textFiles.flatMap(machinePaths)).toEqual([]);
  for (const path of [at('work', 'x'), at('root', '.npmrc'), at('home', 'a', 'b')]) {
    expect(machinePaths(planted(`const path = '${path}';`))).toHaveLength(1);
  }
  const within = ['samples/autoscale/src', 'work', 'x.js'].join('/');
  expect(machinePaths(planted(within))).toEqual([]);
});

test('the lockfile names no registry', () => {
  const text = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  expect(text.length).toBeGreaterThan(1000);
  expect(registryAddresses({ path: 'pnpm-lock.yaml', text })).toEqual([]);
  expect(registryAddresses(planted('tarball: http://npm.example.com/x.tgz'))).toHaveLength(1);
});
