/** The mutations cannot rot: each fits its file, and nothing that they must break is left out. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fixesByAlgorithm, ruleNames } from '@flyball/domain/testing';
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

/** The events that a `case` of the decider's fold does something with. */
const eventsFolded = (): readonly string[] => {
  const file = 'libs/domain/src/decider/fold-workload.ts';
  const [, fold = ''] = readFileSync(join(root, file), 'utf8').split('export const foldWorkload');
  const groups = fold.matchAll(/((?:\s*case '\w+':)+)([\s\S]*?)(?=\s*case '|\n {2}\}\n)/g);
  return [...groups]
    .filter(([, , body = '']) => body.trim() !== 'return false;')
    .flatMap(([, cases = '']) => [...cases.matchAll(/'(\w+)'/g)].map(([, name = '']) => name));
};

describe('nothing of the decider is left out', () => {
  const broken = new Set(all.map(({ breaks }) => breaks));
  const fixes = Object.values(fixesByAlgorithm).flatMap((each) => [...each]);

  test.each([...ruleNames])('the rule %s is broken', (rule) => {
    expect(broken).toContain(rule);
  });

  test.each([...new Set(fixes)])('the fix %s is broken', (fix) => {
    expect(broken).toContain(fix);
  });

  test('each event that it folds is broken', () => {
    expect(eventsFolded()).toEqual(expect.arrayContaining(['PolicySet', 'PodGone']));
    expect(eventsFolded()).not.toContain('DeadLettered');
    expect(eventsFolded().filter((name) => !broken.has(name))).toEqual([]);
  });
});

test.each([
  'fence',
  'derived-ids',
  'append-then-position',
  'dedupe',
  'drain',
  'fold-at-cause',
  'resource-version',
])('the protection %s is broken', (name) => {
  expect(all.map(({ breaks }) => breaks)).toContain(name);
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
