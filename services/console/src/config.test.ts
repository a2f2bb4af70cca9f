/** The documents of the settings say what the code says. */
import { readFileSync } from 'node:fs';
import { configExample, configTable, parseExample, readConfig, tableRows } from '@flyball/service';
import { expect, test } from 'vitest';
import { consoleConfig } from './config.ts';

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

test('the example environment is complete and parses to exactly the defaults', () => {
  const example = read('example.env');
  expect(example).toBe(configExample(consoleConfig));
  expect(readConfig(consoleConfig, parseExample(example))).toEqual(readConfig(consoleConfig, {}));
});

test('the README lists every setting', () => {
  const rows = tableRows(configTable(consoleConfig));
  expect(tableRows(read('README.md'))).toEqual(expect.arrayContaining([...rows]));
});
