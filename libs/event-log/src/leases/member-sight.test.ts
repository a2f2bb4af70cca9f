/** Members by a clock that is told: outages, a silent watch, and what the dead leave behind. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { holdLeases } from '../leases.ts';
import { type MemoryEventLog, type MemoryServer, startMemoryServer } from '../memory.ts';
import { createSimulatedClock, type SimulatedClock } from '../testing/simulated-clock.ts';
import { followMembers } from './follow-members.ts';
import { encodeLeaseValue, memberKey } from './lease-keys.ts';
import { MemberSight } from './member-sight.ts';

let clock: SimulatedClock;
let server: MemoryServer;
let stop: AbortController;

beforeEach(() => {
  clock = createSimulatedClock();
  server = startMemoryServer({ nowMs: () => clock.monotonicMs() });
  stop = new AbortController();
});
afterEach(() => stop.abort());

const hold = (instance: string): MemoryEventLog => {
  const log = server.connect();
  const holder = holdLeases({
    bucket: log.leases,
    stage: 'decider',
    instance,
    partitionCount: 2,
    signal: stop.signal,
    clock,
    random: () => 0,
    wallClockMs: () => 0,
    onStatus: (listener) => log.onStatus(listener),
    onGained: () => {},
  });
  holder.ended.catch(() => undefined);
  return log;
};

it('nobody leaves in an outage, nor for as long again after it', async () => {
  hold('there');
  const log = server.connect();
  const told: number[] = [];
  const following = followMembers({
    bucket: log.leases,
    stage: 'decider',
    signal: stop.signal,
    clock,
    onStatus: (listener) => log.onStatus(listener),
    onChanged: (members) => told.push(members.length),
  });
  await clock.pass(1_000);
  log.disconnect();
  await clock.pass(10_000);
  log.reconnect();
  await clock.pass(10_000);
  expect(told).toEqual([1]);
  stop.abort();
  await following;
});

it('what a killed one announced is removed by the living, and nothing else is', async () => {
  const killed = hold('killed');
  const living = hold('living');
  await clock.pass(3_000);
  await killed.close();
  const announced = () => living.leases.keys('decider.member.>');
  await clock.pass(30_000);
  expect(await announced()).toHaveLength(2);
  await clock.pass(40_000);
  expect(await announced()).toEqual(['decider.member.living']);
});

it('one that the watch is silent about is asked for before it is taken for gone', async () => {
  const { leases } = server.connect();
  const key = memberKey('decider', 'a');
  const value = encodeLeaseValue({ instance: 'a', sinceMs: 0 });
  const changes: string[] = [];
  const forgotten: number[] = [];
  const sight = new MemberSight({
    clock,
    ask: () => leases.get(key),
    onChanged: (change) => changes.push(change),
    onForgotten: (_, revision) => forgotten.push(revision),
    onTrouble: (error) => {
      throw error;
    },
  });
  sight.notice('a', { value, revision: await leases.put(key, value) });
  await clock.pass(2_000);
  const renewed = await leases.put(key, value);
  await clock.pass(2_000);
  expect(changes).toEqual(['joined']);
  await clock.pass(2_000);
  expect(changes).toEqual(['joined', 'left']);
  await clock.pass(60_000);
  expect(forgotten).toEqual([renewed]);
});

it('while the bucket does not answer nobody is taken for gone', async () => {
  let answers = false;
  const changes: string[] = [];
  const troubles: unknown[] = [];
  const sight = new MemberSight({
    clock,
    ask: async () => {
      if (!answers) throw new Error('no answer');
      return undefined;
    },
    onChanged: (change) => changes.push(change),
    onTrouble: (error) => troubles.push(error),
  });
  sight.notice('a', { value: encodeLeaseValue({ instance: 'a', sinceMs: 0 }), revision: 1 });
  await clock.pass(8_000);
  expect([changes, troubles.length]).toEqual([['joined'], 3]);
  answers = true;
  await clock.pass(3_000);
  expect(changes).toEqual(['joined', 'left']);
});

it('while it is paused nobody fades, and then each has its whole time again', async () => {
  const changes: string[] = [];
  const sight = new MemberSight({
    clock,
    ask: async () => undefined,
    onChanged: (change) => changes.push(change),
    onTrouble: () => undefined,
  });
  sight.notice('a', { value: encodeLeaseValue({ instance: 'a', sinceMs: 0 }), revision: 1 });
  await clock.pass(2_000);
  sight.pause();
  await clock.pass(10_000);
  sight.resume();
  await clock.pass(2_000);
  expect(changes).toEqual(['joined']);
  await clock.pass(1_000);
  expect(changes).toEqual(['joined', 'left']);
});

it('what a watch tells once more is no sign of life', async () => {
  const changes: string[] = [];
  const sight = new MemberSight({
    clock,
    ask: async () => ({ key: '', value, revision: 7, storedAtMs: 0 }),
    onChanged: (change) => changes.push(change),
    onTrouble: () => undefined,
  });
  const value = encodeLeaseValue({ instance: 'a', sinceMs: 0 });
  sight.notice('a', { value, revision: 7 });
  for (let times = 0; times < 5; times += 1) {
    await clock.pass(1_000);
    sight.notice('a', { value, revision: 7 });
  }
  expect(changes).toEqual(['joined', 'left']);
});

it('a revision from before an outage is like none after it', async () => {
  let answers = false;
  const changes: string[] = [];
  const sight = new MemberSight({
    clock,
    ask: async () => {
      if (!answers) throw new Error('no answer');
      // The bucket lost its tail, and a living one has come to the same revision again.
      return { key: '', value, revision: 7, storedAtMs: 0 };
    },
    onChanged: (change) => changes.push(change),
    onTrouble: () => undefined,
  });
  const value = encodeLeaseValue({ instance: 'a', sinceMs: 0 });
  sight.notice('a', { value, revision: 7 });
  sight.pause();
  sight.resume();
  await clock.pass(1_000);
  answers = true;
  await clock.pass(2_000);
  expect(changes).toEqual(['joined']);
  await clock.pass(2_500);
  expect(changes).toEqual(['joined', 'left']);
});
