/** Heartbeats of activators, by a clock that is told: who lives, who vanished, whose key goes. */
import { type MemoryEventLog, startMemoryServer } from '@flyball/event-log';
import { systemClock } from '@flyball/service';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Activators, createActivators } from './activators.ts';

const beat = new Uint8Array([1]);
let log: MemoryEventLog;
let activators: Activators;
let nowMs: number;
let connected: boolean;
let stop: AbortController;
let following: Promise<void>;

/** Everything that is due happens at once; in between others may write. */
let meanwhile: () => Promise<unknown>;
const clock = {
  ...systemClock,
  monotonicMs: () => nowMs,
  after: (delayMs: number, action: () => void) => {
    nowMs += delayMs;
    meanwhile().then(action, action);
    return () => undefined;
  },
};
const seen = async (instance: string): Promise<void> => {
  await log.leases.put(`activator.${instance}`, beat);
  while (!activators.isAlive(instance)) await new Promise(setImmediate);
};

beforeEach(() => {
  nowMs = 0;
  connected = true;
  meanwhile = async () => undefined;
  log = startMemoryServer().connect();
  activators = createActivators(log.leases, clock, () => connected);
  stop = new AbortController();
  following = activators.follow(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await following;
  await log.close();
});

it('one that does not renew has vanished', async () => {
  await seen('a-1');
  expect(activators.isAlive('a-1')).toBe(true);
  nowMs += 3_000;
  expect(activators.isAlive('a-1')).toBe(false);
  expect(await activators.hasVanished('a-1', stop.signal)).toBe(true);
});

it('one whose renewals a server held back has not', async () => {
  await seen('a-1');
  nowMs += 3_000;
  meanwhile = () => log.leases.put('activator.a-1', beat);
  expect(await activators.hasVanished('a-1', stop.signal)).toBe(false);
});

it('nobody vanishes while NATS is away, nor just after it came back', () => {
  activators.settled();
  nowMs += 3_000;
  expect(activators.settled()).toBe(true);
  connected = false;
  expect(activators.settled()).toBe(false);
  connected = true;
  expect(activators.settled()).toBe(false);
  nowMs += 3_000;
  expect(activators.settled()).toBe(true);
});

it('the keys of those that vanished long ago are removed, and no others', async () => {
  await seen('old-1');
  nowMs += 59_000;
  await seen('young-1');
  expect(await activators.forgetVanished(log.leases)).toBe(0);
  nowMs += 2_000;
  expect(await activators.forgetVanished(log.leases)).toBe(1);
  expect(await log.leases.keys('activator.>')).toEqual(['activator.young-1']);
});

it('a key that was renewed after all stays', async () => {
  await seen('a-1');
  nowMs += 61_000;
  const removing = activators.forgetVanished({
    ...{ name: 'leases', maxValueBytes: 1_000 },
    get: (key) => log.leases.get(key),
    set: (key, value, revision) => log.leases.set(key, value, revision),
    put: (key, value) => log.leases.put(key, value),
    keys: (filter) => log.leases.keys(filter),
    watch: (filter, signal) => log.leases.watch(filter, signal),
    delete: async (key, revision) => {
      await log.leases.put(key, beat);
      return log.leases.delete(key, revision);
    },
  });
  expect(await removing).toBe(0);
  expect(await log.leases.keys('activator.>')).toEqual(['activator.a-1']);
});
