/** Who shares the pods' slots: by heartbeats, on a clock that the test moves. */
import { type MemoryEventLog, startMemoryServer } from '@flyball/event-log';
import { systemClock } from '@flyball/service';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { followActivators, type LivingActivators, vanishedAfterMs } from './living-activators.ts';

const beat = new Uint8Array([1]);
let log: MemoryEventLog;
let living: LivingActivators;
let nowMs: number;
let changes: string[];
let stop: AbortController;
let following: Promise<void>;
/** Who waits for the clock; they are woken when the test says so. */
let sleepers: Set<() => void>;

const clock = {
  ...systemClock,
  monotonicMs: () => nowMs,
  after: (_delayMs: number, action: () => void) => {
    sleepers.add(action);
    return () => void sleepers.delete(action);
  },
};

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};

/** The clock moves, and everybody who slept looks around. */
const pass = async (ms: number): Promise<void> => {
  nowMs += ms;
  const due = [...sleepers];
  sleepers.clear();
  for (const wake of due) wake();
  await turns();
};

const beatOf = async (instance: string): Promise<void> => {
  await log.leases.put(`activator.${instance}`, beat);
  await turns();
};

beforeEach(async () => {
  nowMs = 0;
  changes = [];
  sleepers = new Set();
  log = startMemoryServer().connect();
  await log.leases.put('activator.b', beat);
  living = followActivators({
    leases: log.leases,
    self: 'b',
    clock,
    onChange: () => changes.push(living.instances().join()),
  });
  stop = new AbortController();
  following = living.follow(stop.signal);
  await living.seen;
});
afterEach(async () => {
  stop.abort();
  for (const wake of sleepers) wake();
  await following;
  await log.close();
});

it('begins alone; another that comes is seen at once, one that says goodbye is gone', async () => {
  expect(living.instances()).toEqual(['b']);
  await beatOf('a');
  expect(living.instances()).toEqual(['a', 'b']);
  await log.leases.delete('activator.a');
  await turns();
  expect(changes).toEqual(['a,b', 'b']);
});

it('one that does not renew is gone; renewals change nothing', async () => {
  await beatOf('a');
  for (let second = 0; second < 3; second += 1) {
    await beatOf('a');
    await beatOf('b');
    await pass(1_000);
  }
  expect(changes).toEqual(['a,b']);
  await beatOf('b');
  await pass(vanishedAfterMs);
  await beatOf('b');
  await pass(1);
  expect(changes).toEqual(['a,b', 'b']);
});

it('while its own heartbeat does not come back either, nobody is taken for dead', async () => {
  await beatOf('a');
  await pass(10 * vanishedAfterMs);
  await pass(10 * vanishedAfterMs);
  expect(living.instances()).toEqual(['a', 'b']);
  await beatOf('b');
  await pass(1_000);
  expect(living.instances()).toEqual(['a', 'b']);
  await beatOf('b');
  await pass(vanishedAfterMs);
  await beatOf('b');
  await pass(1);
  expect(living.instances()).toEqual(['b']);
});
