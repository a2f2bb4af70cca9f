/** The commands of docs/kubernetes/install.md name what there is; those that can run here do. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { objectsIn, root } from './rendered-overlay.ts';

const text = readFileSync(join(root, 'docs/kubernetes/install.md'), 'utf8');
const commands = [...text.matchAll(/```sh\n(.*?)```/gs)]
  .flatMap(([, block]) => (block ?? '').replaceAll('\\\n', ' ').split('\n'))
  .filter((line) => line !== '');

const installs = commands.flatMap((line) => {
  const words = /flyball -- (install [^|]*)/.exec(line)?.[1];
  return words === undefined ? [] : [words.trim()];
});

it('has commands', () => {
  expect(commands.length).toBeGreaterThan(10);
  expect(installs.length).toBeGreaterThan(0);
});

it.each(installs)('flyball %s', (words) => {
  const cli = join(root, 'services/cli/src/main.ts');
  const node = ['--disable-warning=ExperimentalWarning', cli, ...words.split(/\s+/)];
  const printed = objectsIn(execFileSync(process.execPath, node, { encoding: 'utf8' }));
  expect(printed.length).toBeGreaterThan(50);
});

it('names files and folders that exist', () => {
  const paths = commands.join(' ').match(/\b(infra|samples|scripts)\/[\w./-]+/g) ?? [];
  const links = [...text.matchAll(/\]\((\.\.\/[^)#]+)/g)].map(
    ([, link]) => `docs/kubernetes/${link}`,
  );
  expect(paths.length).toBeGreaterThan(2);
  for (const path of [...paths, ...links]) expect(existsSync(join(root, path)), path).toBe(true);
});

it('names objects that are installed', () => {
  const rendered = readFileSync(join(root, 'infra/kubernetes/rendered/production.yaml'), 'utf8');
  const kinds: Readonly<Record<string, string>> = {
    deployment: 'Deployment',
    service: 'Service',
    job: 'Job',
    configmap: 'ConfigMap',
  };
  const objects = objectsIn(rendered).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  const named = commands.join('\n').matchAll(/\b(deployment|service|job|configmap)[/ ]([a-z-]+)/g);
  const found = [...named].filter(([, , name]) => !name?.startsWith('-') && name !== 'in');
  expect(found.length).toBeGreaterThan(1);
  for (const [, kind = '', name] of found) expect(objects).toContain(`${kinds[kind]} ${name}`);
});
