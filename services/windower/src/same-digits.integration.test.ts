/** The same traffic over windows in memory and in Redis: the same digits, whoever owns them. */
import { connectRedisWindows, createMemoryWindows } from '@flyball/window-store';
import {
  availableRedisServers,
  type RunningRedisServer,
  startRedisServer,
} from '@flyball/window-store/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LifeRun, runLife } from './testing/life-runner.ts';
import { randomLife } from './testing/random-life.ts';

const seeds = [1, 2, 3, 4];
const seconds = 240;

let redis: RunningRedisServer;
beforeAll(async () => {
  const [binary] = await availableRedisServers();
  if (binary === undefined) throw new Error('redis-server is not installed');
  redis = await startRedisServer(binary);
});
afterAll(async () => redis?.stop());

const inMemory = () => {
  const windows = createMemoryWindows();
  return async () => windows.open();
};
const inRedis = (keyPrefix: string) => () => connectRedisWindows({ url: redis.url, keyPrefix });

const secondsOf = ({ stored }: LifeRun) =>
  [...(stored?.seconds ?? [])].sort(
    (a, b) => a.secondAtMs - b.secondAtMs || a.source.localeCompare(b.source),
  );

it.each(seeds)('say the same of life %i, with and without owners that die', async (seed) => {
  const life = randomLife(seed, seconds);
  const deaths = [1, 2, 3].map((part) => Math.floor((life.length * part) / 4) + seed);
  const undisturbed = await runLife(inMemory(), life, []);
  const memory = await runLife(inMemory(), life, deaths);
  const real = await runLife(inRedis(`life-${seed}:`), life, deaths);
  expect(undisturbed.said.length).toBeGreaterThan(seconds / 2);
  expect(real.said).toEqual(undisturbed.said);
  expect(memory.said).toEqual(undisturbed.said);
  expect([undisturbed, memory, real].map(({ differences }) => differences)).toEqual([0, 0, 0]);
  expect(real.stored?.cursorSeq).toBe(memory.stored?.cursorSeq);
  expect(secondsOf(real)).toEqual(secondsOf(memory));
});
