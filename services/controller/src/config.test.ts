/** The documents of the settings say what the code says. */
import { readFileSync } from 'node:fs';
import { configExample, configTable, parseExample, readConfig, tableRows } from '@flyball/service';
import { expect, test } from 'vitest';
import { controllerConfig } from './config.ts';

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

test('the example environment is complete and parses to exactly the defaults', () => {
  const example = read('example.env');
  expect(example).toBe(configExample(controllerConfig));
  expect(readConfig(controllerConfig, parseExample(example))).toEqual(
    readConfig(controllerConfig, {}),
  );
});

test('the README lists every setting', () => {
  const rows = tableRows(configTable(controllerConfig));
  expect(tableRows(read('README.md'))).toEqual(expect.arrayContaining([...rows]));
});

test('a limit of the queue-proxy that is below its request is refused', () => {
  const read = readConfig(controllerConfig, { FLYBALL_QUEUE_PROXY_CPU_MAX: '20m' });
  const name = 'FLYBALL_QUEUE_PROXY_CPU_MAX';
  expect(read).toMatchObject({ ok: false, problems: [{ name, value: '20m' }] });
});
