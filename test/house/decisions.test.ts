/** Decisions are found: all of them in their list, and each fix of the decider in a record. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixes } from '@flyball/domain';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../docs/decisions');
const records = readdirSync(folder).filter((file) => /^\d{4}-.*\.md$/.test(file));
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
const titleOf = (file: string): string => textOf(file).split('\n')[0]?.replace(/^# /, '') ?? '';

const listed = (list: string, file: string): boolean => {
  const [number, title] = titleOf(file).split(/\. (.*)/);
  return list.includes(`| ${number} | [${title}](${file}) |`);
};

test('each record has its own number, in its name and in its title', () => {
  const numbers = records.map((file) => Number(file.slice(0, 4)));
  expect(new Set(numbers).size).toBe(records.length);
  expect(records.map((file) => Number(titleOf(file).split('.')[0]))).toEqual(numbers);
});

test('the README lists each', () => {
  const list = textOf('README.md');
  expect(records.filter((file) => !listed(list, file))).toEqual([]);
});

test('each fix has a record, and decision 9 links it with the algorithm that brought it', () => {
  const index = textOf('0009-behaviour-flyball.md').split('\n');
  for (const { number, name, since } of fixes) {
    const file = records.find((record) => record.includes(`-fix-${number}-`)) ?? 'no record';
    const row = index.find((line) => line.startsWith(`| ${number} | [\`${name}\`](${file})`));
    expect(row, `fix ${number}`).toMatch(new RegExp(`\\| ${since} \\|$`));
    expect(titleOf(file)).toContain(`Fix ${number}, \`${name}\``);
    for (const part of ['**Context.**', '**Decision.**', '**Consequences.**', '**Refused.**']) {
      expect(textOf(file), file).toContain(part);
    }
  }
});
