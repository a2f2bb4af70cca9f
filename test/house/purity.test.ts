/** The core decides from data alone: it has no clock, no chance, no machine, and never waits. */
import { expect, test } from 'vitest';
import { impurities, isPure } from './rules/purity.ts';
import { codeFiles } from './source-files.ts';

const pureFiles = codeFiles.filter((file) => isPure(file.path));

test.each(['contracts', 'domain', 'knative'])('libs/%s is pure', (name) => {
  const files = pureFiles.filter((file) => file.path.startsWith(`libs/${name}/src/`));
  expect(files.length).toBeGreaterThan(3);
  expect(files.flatMap(impurities)).toEqual([]);
});

const impure = [
  ['const atMs = Date.now();', 'Date'],
  ['const at = new Date();', 'Date'],
  ['const dice = Math.random();', 'Math.random'],
  ['const { random } = Math;', 'Math.random'],
  ['const m = Math["random"]();', 'Math.random'],
  ['setTimeout(f, 1);', 'setTimeout'],
  ['const home = process.env["HOME"];', 'process'],
  ['globalThis.x = 1;', 'globalThis'],
  ["import { readFileSync } from 'node:fs';", 'node:fs'],
  ["import type { Socket } from 'node:net';", 'node:net'],
  ['const f = async () => 1;', 'async'],
  ['const f = { async g() {} };', 'async'],
  ["const x = import('x');", 'import()'],
  ['class Counter {}', 'class'],
  ["const f = () => { throw new Error('x'); };", 'throw'],
  ['const promise = Promise.resolve(1);', 'Promise'],
  ['console.log(1);', 'console'],
] as const;

test.each(impure)('%s is found', (text, found) => {
  const complaints = impurities({ path: 'libs/domain/src/planted.ts', text: `\n${text}\n` });
  expect(complaints).toContain(`libs/domain/src/planted.ts:2: ${found} in the pure core`);
});

test.each([
  'const assertNever = (x: never): never => { throw new Error(String(x)); };',
  "export class OutsideError extends Error { readonly code = 'x'; }",
  'const f = () => { try { g(); } catch (error) { if (h(error)) return 1; throw error; } };',
  'const largest = Math.max(1, 2);',
  'const time = new Date(atMs).toISOString();',
  'const event = { process: 1, Date: 2 }; const x = event.process;',
  "import { z } from 'zod';",
])('%s is pure', (text) => {
  expect(impurities({ path: 'libs/domain/src/planted.ts', text })).toEqual([]);
});

test('tests and test helpers are not of the core', () => {
  expect(isPure('libs/domain/src/decider.ts')).toBe(true);
  expect(isPure('libs/domain/src/decider.test.ts')).toBe(false);
  expect(isPure('libs/contracts/src/testing/samples.ts')).toBe(false);
  expect(isPure('libs/event-log/src/jetstream.ts')).toBe(false);
});
