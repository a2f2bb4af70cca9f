/** What -f takes: files, folders of manifests, and mounted ConfigMaps. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatComplaint } from '@flyball/knative';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inputOf } from '../testing/written-files.ts';
import { type ReadingRules, readFiles } from './read-files.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flyball-files-'));
});

afterEach(() => rm(folder, { recursive: true }));

const write = async (files: Record<string, string>): Promise<void> => {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
};

const configMap = (data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config-autoscaler\ndata:\n  ${data}\n`;

const deployment = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec: { template: { spec: { containers: [{ command: [node] }] } } }
`;

const reading = (paths: readonly string[], rules: Partial<ReadingRules> = {}) =>
  readFiles(paths, { input: inputOf(), ...rules });

const namesIn = async (...paths: string[]): Promise<string[]> => {
  const { manifests } = await reading(paths);
  return manifests.map(({ kind, name }) => `${kind} ${name}`);
};

describe('a folder of manifests', () => {
  it('gives every .yaml, .yml and .json file, in the order of their names', async () => {
    const json = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [] });
    await write({ 'b.yml': deployment('b'), 'a.yaml': deployment('a'), 'c.json': json });
    expect(await namesIn(folder)).toEqual(['Deployment a', 'Deployment b']);
  });

  it('passes over other files, hidden files and sub-folders', async () => {
    await write({ 'README.md': '# no', '.hidden.yaml': 'no', 'a.yaml': deployment('a') });
    await mkdir(join(folder, 'more.yaml'));
    expect(await namesIn(folder)).toEqual(['Deployment a']);
  });

  it('passes over the table of commands that is given as such', async () => {
    await write({ 'a.yaml': deployment('a'), 'commands.yaml': 'image: node' });
    const { refused } = await reading([folder], { commands: join(folder, 'commands.yaml') });
    expect(refused).toBe(false);
  });

  it('names the file at fault', async () => {
    await write({ 'a.yaml': deployment('a'), 'b.yaml': configMap('stable-window: "1s"') });
    const { complaints, refused } = await reading([folder]);
    expect(refused).toBe(true);
    expect(complaints).toMatchObject([{ file: join(folder, 'b.yaml'), line: 6 }]);
  });
});

describe('a mounted ConfigMap', () => {
  it('is read through the links that Kubernetes makes', async () => {
    await mkdir(join(folder, '..2026_01_31'));
    await write({ '..2026_01_31/stable-window': '30s', '..2026_01_31/max-scale': '-1' });
    await symlink('..2026_01_31', join(folder, '..data'));
    for (const key of ['stable-window', 'max-scale']) {
      await symlink(join('..data', key), join(folder, key));
    }
    const { manifests, complaints } = await reading([folder]);
    expect(manifests).toMatchObject([{ data: { 'stable-window': '30s', 'max-scale': '-1' } }]);
    expect(complaints).toMatchObject([{ severity: 'error', file: join(folder, 'max-scale') }]);
  });

  it('holds for workloads of other files, and may stand beside manifests', async () => {
    await write({ 'max-scale-limit': '2', 'max-scale': '1', notes: '', 'a.yaml': deployment('a') });
    const { manifests, complaints } = await reading([folder]);
    expect(complaints).toEqual([]);
    expect(manifests.map(({ kind }) => kind)).toEqual(['Deployment', 'ConfigMap']);
  });
});

it('says so when a folder has nothing to read', async () => {
  await write({ 'README.md': '# nothing' });
  const { complaints, refused } = await reading([folder]);
  expect(refused).toBe(true);
  expect(complaints).toMatchObject([
    { file: folder, message: 'There is nothing to read in this folder.' },
  ]);
});

it('warns of files without a workload or settings, and not where none was named', async () => {
  await write({ 'a.yaml': '# later\n' });
  const { complaints, refused } = await reading([join(folder, 'a.yaml')]);
  expect(refused).toBe(false);
  expect(complaints).toMatchObject([
    { severity: 'warning', message: 'There is no workload and no config-autoscaler in it.' },
  ]);
  expect((await reading([])).complaints).toEqual([]);
});

describe('what cannot be read', () => {
  const said = async (paths: readonly string[], rules?: Partial<ReadingRules>) => {
    const { complaints, refused } = await reading(paths, rules);
    return { refused, told: complaints.map(formatComplaint) };
  };

  it('is named beside the mistakes of what can be', async () => {
    await write({ 'b.yaml': configMap('stable-window: "1s"') });
    const [missing, beside] = [join(folder, 'nowhere'), join(folder, 'b.yaml')];
    expect(await said([missing, beside, `${missing}/a`])).toEqual({
      refused: true,
      told: [
        `${missing} error: Cannot be read: there is no such file or folder (ENOENT).`,
        `${missing}/a error: Cannot be read: there is no such file or folder (ENOENT).`,
        expect.stringContaining(`${beside}:6:18 error: stable-window is outside`),
      ],
    });
  });

  it('is told of a file within a folder', async () => {
    await write({ 'a.yaml': configMap('stable-window: "1s"') });
    await symlink(join(folder, 'gone'), join(folder, 'link.yaml'));
    const { refused, told } = await said([folder]);
    expect(refused).toBe(true);
    expect(told).toEqual([
      `${join(folder, 'link.yaml')} error: ` +
        'Cannot be read: there is no such file or folder (ENOENT).',
      expect.stringContaining('stable-window is outside'),
    ]);
  });

  it('of a table of commands does not blame every image as well', async () => {
    const image = deployment('a').replace('command: [node]', 'image: app');
    await write({ 'a.yaml': image });
    const missing = join(folder, 'nowhere');
    const { refused, told } = await said([join(folder, 'a.yaml')], { commands: missing });
    expect({ refused, told }).toEqual({
      refused: true,
      told: [`${missing} error: Cannot be read: there is no such file or folder (ENOENT).`],
    });
  });
});

describe('standard input', () => {
  it('is read for -, once, beside files', async () => {
    await write({ 'a.yaml': deployment('a') });
    const input = inputOf(deployment('b'));
    const { manifests, complaints } = await reading(['-', join(folder, 'a.yaml'), '-'], { input });
    expect(manifests.map(({ name }) => name)).toEqual(['b', 'a']);
    expect(complaints).toEqual([]);
  });

  it('is named in complaints', async () => {
    const input = inputOf(configMap('stable-window: "1s"'));
    const { complaints } = await reading(['-'], { input });
    expect(complaints).toMatchObject([{ file: 'standard input', line: 6 }]);
  });

  it('may be too long, and says so', async () => {
    const input = () => Promise.reject(new RangeError('it is longer than 7 bytes'));
    const { complaints, refused } = await reading(['-'], { input });
    expect(refused).toBe(true);
    expect(complaints).toMatchObject([{ message: 'Cannot be read: it is longer than 7 bytes.' }]);
  });
});
