/** A store whose disk was full is started again when there is room, and everybody is told. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from './free-port.ts';
import { roomFromBytes } from './free-space.ts';
import { fullBelowBytes, type SpaceEvent, watchSpace } from './space-watch.ts';
import { type SupervisedProcess, supervise } from './supervised.ts';

const limitMs = 10_000;

let folder: string;
let store: SupervisedProcess;
let freeBytes: number;
let told: SpaceEvent['kind'][];
let over: AbortController;
let watching: Promise<void>;

const until = async (condition: () => boolean): Promise<void> => {
  const endMs = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error('it did not come to that');
    await wait(5);
  }
};

/** The next times that it looks have passed. */
const looks = () => wait(30);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flyball-space-'));
  const port = await freePort();
  store = supervise(
    {
      name: 'store',
      command: process.execPath,
      args: ['-e', `require('node:net').createServer().listen(${port}, '127.0.0.1')`],
      env: {},
      logPath: join(folder, 'store.log'),
      ready: { by: 'port', port },
      readyLimitMs: limitMs,
    },
    () => undefined,
  );
  await store.ready;
  [freeBytes, told, over] = [roomFromBytes, [], new AbortController()];
  watching = watchSpace({
    part: store,
    folder,
    tell: ({ kind }) => told.push(kind),
    freeBytesIn: async () => freeBytes,
    everyMs: 2,
    signal: over.signal,
  });
});
afterEach(async () => {
  over.abort();
  await watching;
  await store.stop();
  await rm(folder, { recursive: true, force: true });
});

it('is left alone while there is room, and while there is none', async () => {
  const pid = store.pid();
  freeBytes = fullBelowBytes;
  await looks();
  expect(told).toEqual([]);
  freeBytes = 0;
  await until(() => told.length > 0);
  freeBytes = roomFromBytes - 1;
  await looks();
  expect([told, store.pid()]).toEqual([['disk full'], pid]);
});

it('is started again once, as soon as there is room', async () => {
  const pid = store.pid();
  freeBytes = 0;
  await until(() => told.length === 1);
  freeBytes = roomFromBytes;
  await until(() => store.pid() !== pid);
  const second = store.pid();
  await looks();
  expect([told, store.pid()]).toEqual([['disk full', 'disk has room'], second]);
});

it('goes on when the folder cannot be asked for, and hides no mistake in telling', async () => {
  let asked = 0;
  const freeBytesIn = async (): Promise<number> => {
    asked += 1;
    if (asked === 1) throw new Error('no such folder');
    return 0;
  };
  const tell = (): void => {
    throw new Error('it cannot be told');
  };
  const options = { part: store, folder, tell, freeBytesIn, everyMs: 2, signal: over.signal };
  await expect(watchSpace(options)).rejects.toThrow('it cannot be told');
  expect(asked).toBe(2);
});
