/** The data folder: made where it can be, refused with a sentence where it cannot. */
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runRecordOf } from '../testing/run-record.ts';
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

it('is refused, and left as it is, where something else is kept', async () => {
  const path = join(base, 'project');
  await mkdir(join(path, 'logs'), { recursive: true });
  await writeFile(join(path, 'letter.txt'), 'dear');
  await chmod(path, 0o755);
  await expect(openDataFolder(path)).rejects.toMatchObject({
    code: 'DATA_FOREIGN',
    message: expect.stringMatching(/project is not a data folder.*letter\.txt.*--data DIR/),
  });
  expect(await readdir(path)).toEqual(['letter.txt', 'logs']);
  expect((await stat(path)).mode & 0o777).toBe(0o755);
});

it('is made in an empty file system, and beside what verbs keep of their own', async () => {
  const path = join(base, 'mounted');
  await mkdir(join(path, 'lost+found'), { recursive: true });
  await mkdir(join(path, 'demo'));
  expect((await openDataFolder(path)).path).toBe(path);
});

it.each(['.DS_Store', '.gitkeep', '.gitignore'])('is made beside %s', async (name) => {
  const path = join(base, `beside${name}`);
  await mkdir(path);
  await writeFile(join(path, name), '');
  expect((await openDataFolder(path)).path).toBe(path);
});

it('is opened again with whatever was put beside its records', async () => {
  const path = join(base, 'kept');
  await (await openDataFolder(path)).secrets();
  await writeFile(join(path, 'note.txt'), '');
  expect((await openDataFolder(path)).path).toBe(path);
});

it('does not write secrets anew that it has', async () => {
  const path = join(base, 'written-once');
  const data = await openDataFolder(path);
  await data.secrets();
  const before = await stat(join(path, 'secrets.json'));
  await data.secrets();
  expect((await stat(join(path, 'secrets.json'))).ino).toBe(before.ino);
});

const runOf = (pid: number) => runRecordOf({ name: 'flyball', pid, identity: '' });

it('is claimed by one of two that start at once', async () => {
  const data = await openDataFolder(join(base, 'shared'));
  const claims = await Promise.allSettled([data.claimRun(runOf(1)), data.claimRun(runOf(2))]);
  expect(claims.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = claims.find((claim) => claim.status === 'rejected');
  expect(refused?.reason).toMatchObject({ code: 'DATA_IN_USE' });
  const winner = claims.findIndex(({ status }) => status === 'fulfilled') + 1;
  expect(await data.readRun()).toMatchObject({ supervisor: { pid: winner } });
  expect((await readdir(data.path)).filter((name) => name.startsWith('run'))).toEqual(['run.json']);
});
