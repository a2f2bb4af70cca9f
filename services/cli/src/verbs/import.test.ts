/** `flyball import -f`: what it prints, and that every field of its JSON is documented. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { translationSchema } from '../import/translation.ts';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { cpuMetric, hpa, httpScaledObject } from '../testing/foreign-objects.ts';
import { inputOf } from '../testing/written-files.ts';
import { type ImportOptions, importObjects } from './import.ts';

const run = async (objects: readonly unknown[] | string, options: Partial<ImportOptions> = {}) => {
  const terminal = captureTerminal();
  const text =
    typeof objects === 'string'
      ? objects
      : JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const code = await importObjects(
    { terminal, input: inputOf(text) },
    {
      ...{ file: ['-'], namespace: 'default', allNamespaces: false, kubeconfig: '' },
      ...{ apply: false, output: 'text' },
      ...options,
    },
  );
  return { code, text: terminal.lines.join('\n'), notes: terminal.notes.join('\n') };
};

const web = hpa({ metrics: [cpuMetric] });

it('prints a script, and says that nothing was changed', async () => {
  const { code, text, notes } = await run([web]);
  expect(code).toBe(0);
  expect(text).toContain('kubectl annotate --overwrite --namespace shop deployment.v1.apps/web');
  expect(notes).toContain('1 workload translated, 0 settings without a counterpart.');
  expect(notes).toContain('Nothing was changed.');
});

it('prints patches, the last word about each object', async () => {
  const { code, text } = await run([httpScaledObject()], { output: 'yaml' });
  expect(code).toBe(0);
  expect(text.match(/^kind: .*$/gm)).toEqual([
    ...['kind: Deployment', 'kind: Service', 'kind: HTTPScaledObject'],
  ]);
  expect(text).toContain('$patch: delete');
  expect(text).toContain('selector: null');
});

it('has every field of its JSON in the documents', async () => {
  const { text } = await run([web], { output: 'json' });
  const told = JSON.parse(text);
  const document = readFileSync(join(import.meta.dirname, '../../../../docs/cli.md'), 'utf8');
  const section = document.split(/^### /m).find((one) => one.startsWith('`import ')) ?? '';
  for (const field of [...Object.keys(told), ...Object.keys(translationSchema.shape)]) {
    expect(section).toContain(field);
  }
  expect(told).toMatchObject({ ok: true, applied: [], faults: [] });
});

it('answers no where something is refused, cannot be read, or is not there', async () => {
  const database = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' };
  const refused = await run([hpa({ scaleTargetRef: database })]);
  expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('not taken over') });
  const broken = await run('a: [', { apply: true });
  expect(broken).toMatchObject({ code: 1, notes: expect.stringContaining('Nothing was applied.') });
  const nothing = await run([]);
  expect(nothing).toMatchObject({ code: 1, notes: 'There is nothing to import.' });
});
