/** Manifests, annotations and ConfigMaps, broken: refused with line and key, or taken whole. */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { policySchema } from '@flyball/contracts';
import {
  type Complaint,
  complaintSchema,
  defaultAutoscalerConfig,
  formatComplaint,
  hasErrors,
  parseConfigAutoscaler,
  type ReadManifests,
  readAllManifests,
  resolvePolicy,
  workloadManifestSchema,
} from '@flyball/knative';
import { describe, expect, it } from 'vitest';
import { fuzz } from '../fuzz-runs.ts';
import { brokenManifest, goodManifests } from './broken-manifests.ts';

const corpus = join(import.meta.dirname, '../corpus/manifests');
const root = join(import.meta.dirname, '../../..');
const file = 'f.yaml';

const judgeComplaint = (complaint: Complaint): void => {
  const { severity, message, line, column, key, value } = complaintSchema.parse(complaint);
  const { allowed, didYouMean = '' } = complaint;
  const told = formatComplaint(complaint);
  expect(message).not.toBe('');
  expect(told).not.toMatch(/call stack|\n\s+at |node:internal|undefined|\[object Object\]|\.ts:\d/);
  expect(line, told).toBeGreaterThan(0);
  expect(column, told).toBeGreaterThan(0);
  // Of the value of a key it is told what would be taken instead.
  if (severity !== 'error' || value === '' || key === '') return;
  expect(`${allowed}${didYouMean}` !== '' || / must | only one /.test(message), told).toBe(true);
};

/** Without an error everything that was read can be used as it is. */
const judgeObjects = ({ objects }: ReadManifests): void => {
  for (const object of objects) {
    if (object.kind === 'ConfigMap') {
      const { config, complaints } = parseConfigAutoscaler(object.data);
      if (hasErrors(complaints)) continue;
      const { policy } = resolvePolicy({ config, annotations: {} });
      expect(policySchema.safeParse(policy).error).toBeUndefined();
      continue;
    }
    expect(workloadManifestSchema.safeParse(object).error).toBeUndefined();
    const { annotations, containerConcurrency } = object;
    const inputs = { config: defaultAutoscalerConfig, annotations, containerConcurrency };
    const { policy, complaints } = resolvePolicy(inputs);
    expect(policySchema.safeParse(policy).error).toBeUndefined();
    for (const complaint of complaints) complaintSchema.parse(complaint);
  }
};

const judge = (text: string): ReadManifests => {
  const read = readAllManifests([{ file, text }], { needsCommand: false });
  for (const complaint of read.complaints) judgeComplaint(complaint);
  if (!hasErrors(read.complaints)) judgeObjects(read);
  return read;
};

const corpusFiles = (folder: string) =>
  globSync('*.yaml', { cwd: join(corpus, folder) })
    .sort()
    .map((name) => ({
      name: basename(name, '.yaml').replaceAll('-', ' '),
      path: join(corpus, folder, name),
    }));

/** Spelled, because an editor would take them out: \0 and \t, and a text that is repeated. */
const textOf = (path: string): string =>
  readFileSync(path, 'utf8')
    .replaceAll('\\NUL', '\0')
    .replaceAll('\\TAB', '\t')
    .replaceAll('\\BOM', '\ufeff')
    .replace(/\\REPEAT (\d+) (\S+)/g, (_all, times: string, text: string) =>
      text.repeat(Number(times)),
    );

describe('manifests', () => {
  it.each(goodManifests.map((text, nth) => ({ nth, text })))('sample $nth is taken', ({ text }) => {
    const read = judge(text);
    expect(hasErrors(read.complaints)).toBe(false);
    expect(read.objects.length).toBeGreaterThan(0);
  });

  it('that are broken are refused with their place, or taken whole', () =>
    fuzz(600, brokenManifest, (text) => {
      judge(text);
    }));

  it.each(corpusFiles('refused'))('$name is refused', ({ path }) => {
    const { complaints } = judge(textOf(path));
    expect(hasErrors(complaints)).toBe(true);
    // A bomb must not go off in the complaint either.
    for (const complaint of complaints)
      expect(formatComplaint(complaint).length).toBeLessThan(2_000);
  });

  it.each(corpusFiles('taken'))('$name is taken', ({ path }) => {
    const { complaints, objects } = judge(textOf(path));
    expect(complaints.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(objects.length).toBeGreaterThan(0);
  });

  it('the command says the same of all of them at once, and accepts nothing', () => {
    const files = corpusFiles('refused').map(({ path }) => path);
    const main = join(root, 'services/cli/src/main.ts');
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'lint', '-f', ...files], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^\d+ objects, \d+ errors, /);
    expect(stderr).not.toMatch(/\n\s+at |mistake in Flyball/);
    for (const file of files) expect(stderr).toContain(file);
  });
});
