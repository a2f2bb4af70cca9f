/** Time that runs out while nobody looks: a frozen process's timers ring late, or never. */
import { beforeEach, expect, it } from 'vitest';
import type { Bucket } from '../event-log.ts';
import { startMemoryServer } from '../memory.ts';
import { type SlowRoad, slowRoadTo } from '../testing/slow-road.ts';
import { HeldLeases, type Lease } from './held-leases.ts';
import { partitionKey } from './lease-keys.ts';
import { ownedForMs } from './lease-limits.ts';

let nowMs: number;
let bucket: Bucket;
let road: SlowRoad;
let gained: Lease[];
let said: string[];
let held: HeldLeases;
/** The work on a partition, until it has stopped. */
let work: Promise<void>;

beforeEach(() => {
  nowMs = 0;
  gained = [];
  said = [];
  work = Promise.resolve();
  bucket = startMemoryServer().connect().leases;
  road = slowRoadTo(bucket);
  held = new HeldLeases({
    bucket: road.bucket,
    stage: 'decider',
    instance: 'one',
    // No timer of this clock ever rings.
    clock: { monotonicMs: () => nowMs, after: () => () => undefined },
    wallClockMs: () => 0,
    onGained: (_, lease) => gained.push(lease),
    onLost: (partition, reason) => {
      said.push(`lost ${partition} ${reason}`);
      return work;
    },
    onDropped: (partition, revision) => void said.push(`dropped ${partition} at ${revision}`),
    onTrouble: (error) => {
      throw error;
    },
  });
});

it('a lease is not held a moment longer than its time, whether a timer rang or not', async () => {
  held.extend(nowMs);
  await held.take(3, 0);
  nowMs = ownedForMs - 1;
  expect(gained.map((lease) => lease.isHeld())).toEqual([true]);
  nowMs = ownedForMs;
  expect(gained.map((lease) => lease.isHeld())).toEqual([false]);
});

it('a renewal keeps what is held, and gives back nothing of what had run out', async () => {
  held.extend(0);
  await held.take(3, 0);
  nowMs = 1_900;
  held.extend(1_000);
  nowMs = 2_999;
  expect(gained[0]?.isHeld()).toBe(true);
  nowMs = 3_100;
  held.extend(3_000);
  expect(held.isValid).toBe(true);
  expect(gained[0]?.isHeld()).toBe(false);
  expect(said).toEqual(['dropped 3 at 1', 'lost 3 expired']);
});

it('a taking begun before the time ran out owns nothing after it, renewed or not', async () => {
  held.extend(0);
  road.holdUp('answers');
  const taking = held.take(3, 0);
  nowMs = 4_000;
  held.extend(4_000);
  road.letGo();
  await taking;
  expect(gained).toEqual([]);
  expect(said).toEqual(['dropped 3 at 1']);
});

it('a taking answered after the time ran out owns nothing', async () => {
  held.extend(0);
  road.holdUp('answers');
  const taking = held.take(3, 0);
  nowMs = ownedForMs;
  road.letGo();
  await taking;
  expect(gained).toEqual([]);
});

it('what ran out while it was given back is given back all the same', async () => {
  held.extend(0);
  await held.take(3, 0);
  const giving = held.giveBack(3);
  nowMs = 3_000;
  held.extend(3_000);
  await giving;
  expect(await bucket.get(partitionKey('decider', 3))).toBeUndefined();
});

it('nothing that another has written since is given back', async () => {
  held.extend(0);
  await held.take(3, 0);
  await bucket.put(partitionKey('decider', 3), new Uint8Array([1]));
  await held.giveBack(3);
  expect(await bucket.get(partitionKey('decider', 3))).toBeDefined();
});

it('whoever hears that another owns it stops at once', async () => {
  held.extend(0);
  await held.take(3, 0);
  held.noticeTaken(3, 1);
  expect(gained[0]?.isHeld()).toBe(true);
  held.noticeTaken(3, 2);
  expect(gained[0]?.signal.aborted).toBe(true);
  expect(said).toEqual(['dropped 3 at 1', 'lost 3 taken']);
});

it('a lease is not given back before the work under it has stopped', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  work = promise;
  held.extend(0);
  await held.take(3, 0);
  const giving = held.giveBack(3);
  expect(gained[0]?.signal.aborted).toBe(true);
  await new Promise(setImmediate);
  expect(await bucket.get(partitionKey('decider', 3))).toBeDefined();
  resolve();
  await giving;
  expect(await bucket.get(partitionKey('decider', 3))).toBeUndefined();
});

it('what ran out and nobody else owned since is continued, and only that', async () => {
  held.extend(0);
  await held.take(3, 0);
  nowMs = ownedForMs;
  held.extend(nowMs);
  await held.take(3, 1);
  expect(gained.map((lease) => lease.isContinued)).toEqual([false, true]);
  nowMs = 2 * ownedForMs;
  held.extend(nowMs);
  await bucket.put(partitionKey('decider', 3), new Uint8Array([1]));
  await held.take(3, 2);
  await held.take(3, 3);
  expect(gained.map((lease) => lease.isContinued)).toEqual([false, true, false]);
});

it('a taking answered too late breaks no continuity, and makes none', async () => {
  held.extend(0);
  await held.take(3, 0);
  nowMs = ownedForMs;
  for (const partition of [3, 4]) {
    held.extend(nowMs);
    road.holdUp('answers');
    const taking = held.take(partition, partition === 3 ? 1 : 0);
    nowMs += ownedForMs;
    road.letGo();
    await taking;
  }
  held.extend(nowMs);
  await Promise.all([held.take(3, 2), held.take(4, 3)]);
  const continued = gained.map((lease) => [lease.partition, lease.isContinued]);
  expect(continued).toEqual([
    [3, false],
    [3, true],
    [4, false],
  ]);
});

it('what was given back is not continued', async () => {
  held.extend(0);
  await held.take(3, 0);
  await held.giveBack(3);
  await held.take(3, 0);
  expect(gained.map((lease) => lease.isContinued)).toEqual([false, false]);
});

it('a lease is held while it is given back, and not after', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  work = promise;
  held.extend(0);
  await held.take(3, 0);
  const giving = held.giveBack(3);
  expect(gained[0]?.isHeld()).toBe(true);
  resolve();
  await giving;
  expect(gained[0]?.isHeld()).toBe(false);
});
