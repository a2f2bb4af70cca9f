/** The folder of an earlier demo: emptied, unless it runs; what a killed one left is ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runRecordOf } from '../testing/run-record.ts';
import { openDataFolder } from '../up/data-folder.ts';
import { identify, type ProcessIdentity } from '../up/process-identity.ts';
import { clearFolder } from './clear-folder.ts';

let path = '';
const started: ChildProcess[] = [];
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'flyball-demo-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  await rm(path, { recursive: true, force: true });
});

const identified = (pid: number): ProcessIdentity =>
  identify('nats-server', pid) ?? { name: 'nats-server', pid, identity: '' };

const isThere = (name: string): Promise<boolean> =>
  access(join(path, name)).then(
    () => true,
    () => false,
  );

it('is kept while another demo runs with it', async () => {
  const data = await openDataFolder(path);
  await data.writeRun(runRecordOf(identified(process.pid)));
  await expect(clearFolder(path)).rejects.toMatchObject({ code: 'DATA_IN_USE' });
  expect(await isThere('run.json')).toBe(true);
});

it('is emptied after the servers of a killed demo are ended', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  started.push(child);
  await once(child, 'spawn');
  const ended = once(child, 'exit');
  const data = await openDataFolder(path);
  const dead = { ...identified(process.pid), identity: 'an earlier life' };
  await data.writeRun(runRecordOf(dead, { processes: [identified(child.pid ?? 0)] }));
  expect(await clearFolder(path)).toEqual(['nats-server']);
  await ended;
  expect(await isThere('run.json')).toBe(false);
});

it.each(['', '{"supervisor":'])('is emptied where its record is broken: %j', async (text) => {
  await openDataFolder(path);
  await writeFile(join(path, 'run.json'), text);
  expect(await clearFolder(path)).toEqual([]);
  expect(await isThere('run.json')).toBe(false);
});

it('is kept where it is not of a demo', async () => {
  await writeFile(join(path, 'letter.txt'), 'dear');
  await expect(clearFolder(path)).rejects.toMatchObject({ code: 'DATA_FOREIGN' });
  expect(await isThere('letter.txt')).toBe(true);
});
