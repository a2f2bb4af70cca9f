/** The commands of docs/kubernetes/install.md name what there is; those that can run here do. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { objectsIn, root } from './rendered-overlay.ts';

const { renderCommand } = (await import(
  /* @vite-ignore */ join(root, 'scripts/setup/manifest-tools.mjs')
)) as { readonly renderCommand: () => readonly string[] | undefined };
const [program, ...words] = renderCommand() ?? [];

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

it.each(installs)('flyball %s', (line) => {
  const cli = join(root, 'services/cli/src/main.ts');
  const node = ['--disable-warning=ExperimentalWarning', cli, ...line.split(/\s+/)];
  const printed = objectsIn(execFileSync(process.execPath, node, { encoding: 'utf8' }));
  expect(printed.length).toBeGreaterThan(50);
});

const overlayExample = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? '';

it('its overlay takes every image from the registry that it names', async ({ skip }) => {
  skip(program === undefined, 'there is no kustomize 5, and no kubectl that has it');
  const folder = await mkdtemp(join(tmpdir(), 'flyball-overlay-'));
  try {
    const production = 'infra/kubernetes/overlays/production';
    expect(overlayExample).toContain(production);
    const there = relative(await realpath(folder), root);
    const overlay = overlayExample.replaceAll('- infra/', `- ${there}/infra/`);
    await writeFile(join(folder, 'kustomization.yaml'), overlay);
    const rendered = execFileSync(program ?? '', [...words, folder], { encoding: 'utf8' });
    const ours = rendered.match(/\S*flyball\/[a-z-]+:\d\S*/g) ?? [];
    expect(ours.length).toBeGreaterThan(10);
    expect(rendered.match(/name: FLYBALL_TRACES_URL\n/g)).toHaveLength(4);
    for (const image of ours) expect(image).toMatch(/^registry\.example\.com\/flyball\/[a-z-]+:/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('every page on Kubernetes is linked from another', () => {
  const folder = join(root, 'docs/kubernetes');
  const pages = readdirSync(folder);
  const others = ['README.md', 'docs/cli.md', 'infra/kubernetes/README.md'];
  const read = (path: string) => ({ path, text: readFileSync(join(root, path), 'utf8') });
  const texts = [...pages.map((page) => `docs/kubernetes/${page}`), ...others].map(read);
  for (const page of pages) {
    const link = new RegExp(`\\]\\(([\\w./-]*/)?${page.replace('.', '\\.')}[)#]`);
    const from = texts.filter(({ path, text: one }) => !path.endsWith(page) && link.test(one));
    expect(from.length, page).toBeGreaterThan(0);
  }
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
