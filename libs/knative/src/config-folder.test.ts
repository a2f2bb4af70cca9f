/** A mounted ConfigMap: its values hold, and complaints name the file of the key. */
import { expect, it } from 'vitest';
import type { ConfigFolder } from './config-folder.ts';
import { readAllManifests } from './read-manifests.ts';

const folder = (texts: Record<string, string>): ConfigFolder => ({
  folder: 'etc/config',
  files: Object.entries(texts).map(([key, text]) => ({ key, text, file: `etc/config/${key}` })),
});

const read = (texts: Record<string, string>, manifests: readonly string[] = []) =>
  readAllManifests(
    manifests.map((text, index) => ({ file: `${index}.yaml`, text })),
    { folders: [folder(texts)] },
  );

it('is the ConfigMap that it is the mount of', () => {
  const { objects, config, complaints } = read({ 'stable-window': '30s\n', 'min-scale': '2' });
  expect(complaints).toEqual([]);
  expect(config).toMatchObject({ stableWindowMs: 30_000, minScale: 2 });
  expect(objects).toEqual([
    {
      kind: 'ConfigMap',
      namespace: 'default',
      name: 'config-autoscaler',
      data: { 'stable-window': '30s', 'min-scale': '2' },
      source: { file: 'etc/config', line: 0 },
    },
  ]);
});

it('complains of every key in its own file', () => {
  const { complaints } = read({ 'stable-window': '1s', 'max-scal': '3', _example: 'anything' });
  expect(complaints).toMatchObject([
    { severity: 'error', file: 'etc/config/stable-window', line: 1, column: 1, value: '1s' },
    { severity: 'warning', file: 'etc/config/max-scal', line: 1, didYouMean: 'max-scale' },
  ]);
});

it('blames both files of two keys that do not fit', () => {
  const { complaints } = read({ 'min-scale': '4', 'max-scale': '3' });
  expect(complaints).toMatchObject([
    { severity: 'error', file: 'etc/config/min-scale', keys: ['min-scale', 'max-scale'] },
  ]);
});

it('is refused where a manifest brings the ConfigMap as well', () => {
  const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config-autoscaler}\ndata: {}';
  const { complaints } = read({ 'stable-window': '30s' }, [manifest]);
  expect(complaints).toMatchObject([
    {
      severity: 'error',
      file: 'etc/config',
      message: 'config-autoscaler is given twice: first as ConfigMap in 0.yaml:1.',
    },
  ]);
});
