import { readFileSync } from 'node:fs';
import { configExample, configTable, parseExample, readConfig, tableRows } from '@flyball/service';
import { describe, expect, it } from 'vitest';
import { setUpConfig } from './config.ts';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

describe('the settings of the set-up', () => {
  it('are shown by an example that is exactly the defaults', () => {
    expect(read('example.env')).toBe(configExample(setUpConfig));
    const example = readConfig(setUpConfig, parseExample(read('example.env')));
    expect(example).toEqual(readConfig(setUpConfig, {}));
    expect(example).toMatchObject({ ok: true, warnings: [] });
  });

  it('are all in the README', () => {
    const rows = tableRows(configTable(setUpConfig));
    expect(tableRows(read('README.md'))).toEqual(expect.arrayContaining([...rows]));
  });
});
