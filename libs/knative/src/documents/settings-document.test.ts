/** docs/settings.md is current and whole, and the defaults that it names are the defaults. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { annotationSpellings } from '../annotation-settings.ts';
import {
  type AutoscalerValues,
  autoscalerKeys,
  autoscalerSettings,
  defaultAutoscalerConfig,
} from '../autoscaler-config.ts';
import { parseConfigAutoscaler } from '../parse-config-autoscaler.ts';
import { configDefault, settingsDocument } from './settings-document.ts';

const text = settingsDocument();

it('is current (else: npm run generate)', () => {
  const path = join(import.meta.dirname, '../../../../docs/settings.md');
  expect(readFileSync(path, 'utf8')).toBe(text);
});

it('has every annotation in every spelling, and every key', () => {
  for (const name of annotationSpellings) {
    expect(text).toContain(`\`${name.slice(name.indexOf('/') + 1)}\``);
  }
  for (const key of autoscalerKeys) expect(text).toContain(`\n| \`${key}\` |`);
});

it('leaves no cell empty', () => {
  expect(text.split('\n').filter((line) => /\|\s*\|/.test(line))).toEqual([]);
});

it('names defaults that read back as the defaults', () => {
  const fields = Object.keys(autoscalerSettings) as (keyof AutoscalerValues)[];
  const set = fields.filter((field) => field !== 'panicWindowMs');
  const data = Object.fromEntries(
    set.map((field) => [autoscalerSettings[field].key, configDefault(field)]),
  );
  const { config, complaints } = parseConfigAutoscaler(data);
  expect(complaints).toEqual([]);
  expect({ ...config, given: [] }).toEqual(defaultAutoscalerConfig);
});
