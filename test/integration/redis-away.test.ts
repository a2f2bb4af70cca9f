/** A windower without Redis: it says so and works, and uses Redis when it comes. */

import { partitionOf } from '@flyball/contracts';
import { connectRedisWindows } from '@flyball/window-store';
import {
  availableRedisServers,
  type RunningRedisServer,
  startRedisServer,
} from '@flyball/window-store/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RunningProcess, startProcess } from './data-plane/processes.ts';
import { until, World, workload } from './shells-bed.ts';
import { natsBus, password } from './shells-buses.ts';

const partition = partitionOf(workload, 2);
let world: World;
let redis: RunningRedisServer;
let windower: RunningProcess | undefined;

const startWindower = (redisUrl: string): Promise<RunningProcess> =>
  startProcess('windower', {
    FLYBALL_NATS_URL: world.bus.url,
    FLYBALL_NATS_USER: 'windower',
    FLYBALL_NATS_PASSWORD: password,
    FLYBALL_REDIS_URL: redisUrl,
    FLYBALL_LOG_LEVEL: 'warn',
    FLYBALL_MIRROR_CHECK_EVERY_MS: '1000',
  });

beforeEach(async () => {
  world = await World.open(natsBus);
  const [binary] = await availableRedisServers();
  if (binary === undefined) throw new Error('redis-server is not installed');
  redis = await startRedisServer(binary);
});
afterEach(async () => {
  await windower?.[Symbol.asyncDispose]();
  windower = undefined;
  await redis.stop();
  await world.end();
});

const cursor = async (): Promise<number | undefined> => {
  const store = await connectRedisWindows({ url: redis.url });
  const found = await store.cursor(partition);
  await store.close();
  return found?.cursorSeq;
};
const reaches = (seq: number) =>
  until(`the cursor ${seq}`, async () => ((await cursor()) === seq ? true : undefined));
/** The last comparison of memory with Redis; undefined before the first. */
const differences = async (): Promise<number | undefined> => {
  const page = (await windower?.page('/metrics'))?.text ?? '';
  const line = `flyball_windower_mirror_differences{partition="${partition}"} `;
  const found = page.split('\n').find((one) => one.startsWith(line));
  return found === undefined ? undefined : Number(found.slice(line.length));
};

it('ticks without Redis, says why, and writes all of it when Redis comes', async () => {
  await redis.signal('SIGKILL');
  windower = await startWindower(redis.url);
  await until('ticks', async () => (await world.of('TickObserved'))[2]);
  await world.poke(7);
  await until('told', () =>
    windower?.log().includes('did not answer') === true ? true : undefined,
  );
  expect((await windower.page('/readyz')).status).toBe(200);
  await redis.restart();
  await reaches(1);
  await world.poke(8);
  await reaches(2);
});

it('writes all of it again when Redis was emptied, and memory and Redis agree', async () => {
  windower = await startWindower(redis.url);
  await until('ticks', async () => (await world.of('TickObserved'))[0]);
  await world.poke(7);
  await reaches(1);
  await redis.command('FLUSHALL');
  await world.poke(8);
  await reaches(2);
  expect(await until('a comparison', differences)).toBe(0);
});

it('ends with a sentence when the password is wrong', async () => {
  const url = new URL(redis.url);
  url.password = 'not-this-one';
  await expect(startWindower(url.href)).rejects.toThrow(/ended with 69[\s\S]*Redis at .* refused/);
});
