/** What is rendered is what the overlays say, and its objects are those that we mean. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nameOf, objectsIn, objectsOf, overlays, root } from './rendered-overlay.ts';

const isOnPath = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

const renderer = ['kustomize', 'kubectl'].find(isOnPath);

it('no overlay is left out', () => {
  expect(readdirSync(join(root, 'infra/kubernetes/overlays')).sort()).toEqual([...overlays]);
});

describe.each(overlays)('%s', (overlay) => {
  it('has these objects', async () => {
    const names = objectsOf(overlay).map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    // The names of these carry a hash of what is in them, and change with it.
    const lines = names.map((name) => name.replace(/(-configuration)-[a-z0-9]{10}$/, '$1-#'));
    await expect(`${lines.sort().join('\n')}\n`).toMatchFileSnapshot(`./${overlay}.objects.txt`);
  });

  it('is current (else: npm run generate)', ({ skip }) => {
    skip(renderer === undefined, 'neither kustomize nor kubectl is on PATH');
    const words = renderer === 'kubectl' ? ['kustomize'] : ['build'];
    const folder = join(root, 'infra/kubernetes/overlays', overlay);
    const text = execFileSync(renderer ?? '', [...words, folder], { encoding: 'utf8' });
    const byName = (objects: ReturnType<typeof objectsIn>) =>
      Object.fromEntries(objects.map((object) => [nameOf(object), object]));
    expect(byName(objectsOf(overlay))).toEqual(byName(objectsIn(text)));
  });
});
