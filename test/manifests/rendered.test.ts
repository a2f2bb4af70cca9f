/** What is rendered is what the overlays say, and its objects are those that we mean. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nameOf, objectsIn, objectsOf, overlays, root } from './rendered-overlay.ts';

const { renderCommand } = (await import(
  /* @vite-ignore */ join(root, 'scripts/setup/manifest-tools.mjs')
)) as { readonly renderCommand: () => readonly string[] | undefined };
const [program, ...words] = renderCommand() ?? [];

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
    skip(program === undefined, 'there is no kustomize 5, and no kubectl that has it');
    const folder = join(root, 'infra/kubernetes/overlays', overlay);
    const text = execFileSync(program ?? '', [...words, folder], { encoding: 'utf8' });
    const byName = (objects: ReturnType<typeof objectsIn>) =>
      Object.fromEntries(objects.map((object) => [nameOf(object), object]));
    expect(byName(objectsOf(overlay))).toEqual(byName(objectsIn(text)));
  });
});
