/** What this machine must have: each thing that is missing is named, with how to mend it. */
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  checkConsolePort,
  checkDataFolder,
  checkNode,
  checkPort,
  checkServer,
} from './machine-checks.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flyball-doctor-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A program that says its version, as nats-server does. */
const fakeProgram = (name: string, version: string): Promise<void> =>
  writeFile(join(folder, name), `#!/bin/sh\necho "${name}: v${version}"\n`, { mode: 0o755 });

describe('checkNode', () => {
  it('wants 24 or later', () => {
    expect(checkNode('24.1.0')).toMatchObject({ ok: true, mend: null });
    expect(checkNode('22.9.0')).toMatchObject({ ok: false, needed: true, found: '22.9.0' });
    expect(checkNode('22.9.0').mend).toContain('Use Node.js 24 or later');
  });
});

describe('checkServer', () => {
  it('finds the program on PATH and tells its version', async () => {
    await fakeProgram('nats-server', '2.14.9');
    const check = await checkServer('nats-server', { PATH: folder });
    expect(check).toMatchObject({ ok: true, found: `2.14.9 (${folder}/nats-server)` });
  });

  it('refuses one that is too old', async () => {
    await fakeProgram('nats-server', '2.8.4');
    const check = await checkServer('nats-server', { PATH: folder });
    expect(check).toMatchObject({ ok: false, mend: 'Flyball needs 2.9 or later.' });
  });

  it('does not look for one that is given by URL, and shows no password', async () => {
    const env = { PATH: folder, FLYBALL_REDIS_URL: 'redis://:secret@127.0.0.1:6379' };
    const check = await checkServer('redis-server', env);
    expect(check.found).toBe('given by FLYBALL_REDIS_URL: redis://…@127.0.0.1:6379');
  });
});

describe('checkDataFolder', () => {
  it('takes one that can be written or made, and makes nothing', async () => {
    const wanted = join(folder, 'a', 'b');
    const [data, disk] = await checkDataFolder(wanted);
    expect(data).toMatchObject({ ok: true, found: `${wanted} (will be made)` });
    expect(disk?.found).toMatch(/^\d+ MiB free$/);
    expect(await readdir(folder)).toEqual([]);
    expect((await checkDataFolder(folder))[0]?.found).toBe(folder);
  });

  it('refuses a file in its place', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const checks = await checkDataFolder(join(file, 'data'));
    expect(checks).toMatchObject([{ ok: false, found: `${file} is a file, not a folder` }]);
  });
});

describe('checkPort', () => {
  it('names the option when another program has it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const check = await checkPort(port);
    expect(check).toMatchObject({ ok: false, needed: false });
    expect(check.mend).toContain('--port');
    const ofConsole = await checkConsolePort(port);
    expect(ofConsole).toMatchObject({ ok: false, needed: false });
    expect(ofConsole.mend).toContain('takes a free one then; --console-port N');
    server.close();
    await once(server, 'close');
    expect(await checkPort(port)).toMatchObject({ ok: true });
  });
});
