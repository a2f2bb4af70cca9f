/** The mutations cannot rot: each fits its file, and nothing that they must break is left out. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';
import { mutationGroups } from './groups/index.ts';
import { type Mutation, misfitOf, mutated } from './mutation.ts';
import { testFilesOf } from './test-files.ts';

const root = resolve(import.meta.dirname, '..', '..');
const textOf = ({ file }: Mutation): string => readFileSync(join(root, file), 'utf8');

const all = mutationGroups.flatMap(({ mutations }) => mutations);

describe.each(mutationGroups.map((group) => ({ ...group })))('$name', ({ mutations, runs }) => {
  test.each(mutations)('$breaks: $name, can be broken', (mutation) => {
    const text = textOf(mutation);
    expect(misfitOf(mutation, text)).toBeUndefined();
    // What cannot be read any more would be noticed by every test, and show nothing.
    expect(parseSync(mutation.file, mutated(mutation, text)).errors).toEqual([]);
  });

  test('has tests that can notice', () => {
    for (const run of runs) {
      for (const file of run.files) {
        expect(testFilesOf({ ...run, files: [file] }, root), file).not.toEqual([]);
      }
    }
  });
});

test('no two mutations, and no two groups, have one name', () => {
  const names = all.map(({ name }) => name);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  const groups = mutationGroups.map(({ name }) => name);
  expect(new Set(groups).size).toBe(groups.length);
});

describe('a mutation that does not fit', () => {
  const mutation = { name: 'planted', breaks: 'none', file: 'planted.ts', from: 'a', to: '$&' };

  test.each([
    ['has 0 times', 'b'],
    ['has 2 times', 'aa'],
  ])('is refused: its file %s what it would replace', (why, text) => {
    expect(misfitOf(mutation, text)).toContain(why);
    expect(() => mutated(mutation, text)).toThrow('planted: planted.ts has');
  });

  test('is refused when nothing would change', () => {
    expect(misfitOf({ ...mutation, to: 'a' }, 'a')).toContain('nothing would change');
  });

  test('is replaced to the letter', () => {
    expect(mutated(mutation, 'bab')).toBe('b$&b');
  });
});
