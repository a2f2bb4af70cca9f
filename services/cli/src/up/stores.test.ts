/** Which stores are ours to start, by what is set. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from './data-folder.ts';
import { prepareNats, prepareRedis, type StoreOptions } from './stores.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flyball-stores-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A machine that has both servers, of which only the version is asked. */
const optionsWith = async (givenUrl: string | undefined): Promise<StoreOptions> => {
  const path = join(folder, 'programs');
  await mkdir(path, { recursive: true });
  for (const name of ['nats-server', 'redis-server']) {
    await writeFile(join(path, name), '#!/bin/sh\necho v=7.0.0\n');
    await chmod(join(path, name), 0o755);
  }
  const data = await openDataFolder(join(folder, 'data'));
  return { data, secrets: await data.secrets(), givenUrl, path, port: 4222 };
};

describe.each([
  ['NATS', prepareNats],
  ['Redis', prepareRedis],
] as const)('given the URL of a %s', (_name, prepare) => {
  it('when it is one, then that store is used', async () => {
    const store = await prepare(await optionsWith('any://store:1'));
    expect(store).toEqual({ kind: 'given', url: 'any://store:1' });
  });

  it.each([[''], [undefined]])('when it is %j, then one is started', async (url) => {
    expect(await prepare(await optionsWith(url))).toMatchObject({ kind: 'ours' });
  });
});
