/** Looking for who runs with a folder: found by its records, and nothing there is changed. */
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findRunning } from './running.ts';
import { runRecordOf } from './testing/run-record.ts';
import { openDataFolder } from './up/data-folder.ts';
import { identify } from './up/process-identity.ts';

let path = '';
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'flyball-running-'));
  await chmod(path, 0o755);
});
afterEach(() => rm(path, { recursive: true, force: true }));

const thisProcess = identify('flyball', process.pid) ?? {
  ...{ name: 'flyball', pid: process.pid, identity: '' },
};

it('leaves a folder of somebody else as it is', async () => {
  await writeFile(join(path, 'letter.txt'), 'dear');
  await expect(findRunning(path)).rejects.toMatchObject({ code: 'NOT_RUNNING' });
  expect(await readdir(path)).toEqual(['letter.txt']);
  expect((await stat(path)).mode & 0o777).toBe(0o755);
});

it('finds none in a file, nor where nothing is', async () => {
  await writeFile(join(path, 'file'), '');
  for (const name of ['file', 'nowhere']) {
    await expect(findRunning(join(path, name))).rejects.toMatchObject({ code: 'NOT_RUNNING' });
  }
});

it('names a record that somebody else wrote', async () => {
  await writeFile(join(path, 'run.json'), '{"run": 1}');
  await expect(findRunning(path)).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringMatching(/run\.json.*--data DIR/),
  });
});

it('finds who runs, with the secrets that are there', async () => {
  const data = await openDataFolder(path);
  const secrets = await data.secrets();
  await data.writeRun(runRecordOf(thisProcess));
  expect(await findRunning(path)).toEqual({ run: runRecordOf(thisProcess), secrets });
});

it('does not find who ran', async () => {
  const data = await openDataFolder(path);
  await data.secrets();
  await data.writeRun(runRecordOf({ ...thisProcess, identity: 'an earlier life' }));
  await expect(findRunning(path)).rejects.toMatchObject({ code: 'NOT_RUNNING' });
});
