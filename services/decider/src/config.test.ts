import { readFileSync } from 'node:fs';
import { configExample, configTable, parseExample, readConfig, tableRows } from '@flyball/service';
import { describe, expect, it } from 'vitest';
import { deciderConfig } from './config.ts';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

describe('the settings of the decider', () => {
  it('are shown by an example that is exactly the defaults', () => {
    expect(read('example.env')).toBe(configExample(deciderConfig));
    const example = readConfig(deciderConfig, parseExample(read('example.env')));
    expect(example).toEqual(readConfig(deciderConfig, {}));
    expect(example).toMatchObject({ ok: true, warnings: [] });
  });

  it('are all in the README', () => {
    const rows = tableRows(configTable(deciderConfig));
    expect(tableRows(read('README.md'))).toEqual(expect.arrayContaining([...rows]));
  });
});
