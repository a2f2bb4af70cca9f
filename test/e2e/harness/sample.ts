/** The articles' workload and settings, as files that a user would apply. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Place, repositoryRoot } from './command.ts';

const samples = join(repositoryRoot, 'samples');

export const sampleWorkload = 'default/autoscale-go';
export const sampleHost = 'autoscale-go.default.example.com';
export const runLatestFile = join(samples, 'scene-1.run-latest.yaml');
export const commandsFile = join(samples, 'commands.yaml');

/** Windows that pass in a test's time, and a start at zero. */
const shortSettings: Readonly<Record<string, string>> = {
  'stable-window': '6s',
  'panic-window': '1s',
  'scale-to-zero-grace-period': '2s',
  'allow-zero-initial-scale': 'true',
  'initial-scale': '0',
};

/** The articles' ConfigMap with the short settings and `changes`; returns the file's path. */
export const writeSettings = async (
  place: Place,
  changes: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const text = await readFile(join(samples, 'config-autoscaler.yaml'), 'utf8');
  const settings = { ...shortSettings, ...changes };
  const kept = text.split('\n').filter((line) => {
    const key = /^ {2}([a-z-]+): "/.exec(line)?.[1];
    return key === undefined || !(key in settings);
  });
  const added = Object.entries(settings).map(([key, value]) => `  ${key}: "${value}"`);
  const path = join(place.folder, 'config-autoscaler.yaml');
  await writeFile(path, `${kept.join('\n').trimEnd()}\n${added.join('\n')}\n`);
  return path;
};

/** Writes a file of the test's own; returns its path. */
export const writeText = async (place: Place, name: string, text: string): Promise<string> => {
  const path = join(place.folder, name);
  await writeFile(path, text);
  return path;
};
