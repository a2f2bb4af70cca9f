/** The data folder: made where it can be, refused with a sentence where it cannot. */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDataFolder } from './data-folder.ts';

let base = '';
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'flyball-data-'));
});
afterAll(() => rm(base, { recursive: true, force: true }));

it('is made with all that is above it, for its owner only, and keeps its secrets', async () => {
  const path = join(base, 'a b', 'c');
  const data = await openDataFolder(path);
  const secrets = await data.secrets();
  expect((await stat(path)).mode & 0o077).toBe(0);
  expect((await stat(join(path, 'secrets.json'))).mode & 0o077).toBe(0);
  expect(await (await openDataFolder(path)).secrets()).toEqual(secrets);
});

it('is refused where a file is in the way', async () => {
  const file = join(base, 'file');
  await writeFile(file, '');
  await expect(openDataFolder(join(file, 'data'))).rejects.toMatchObject({
    code: 'DATA_UNWRITABLE',
  });
});

it.runIf(process.platform === 'linux')('is refused, not tried for ever, below /proc', async () => {
  await expect(openDataFolder('/proc/flyball')).rejects.toThrow(/--data DIR/);
});
