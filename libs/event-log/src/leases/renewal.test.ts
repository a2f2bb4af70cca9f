/** One key keeps all that an instance owns: what that costs, and every way in which it could fail. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bucket } from '../event-log.ts';
import { holdLeases, type LeaseHolder } from '../leases.ts';
import { type MemoryEventLog, type MemoryServer, startMemoryServer } from '../memory.ts';
import { createSimulatedClock, type SimulatedClock } from '../testing/simulated-clock.ts';
import { type SlowRoad, slowRoadTo } from '../testing/slow-road.ts';
import type { Lease } from './held-leases.ts';
import { encodeLeaseValue, memberKey, partitionKey, readLeaseValue } from './lease-keys.ts';

const stage = 'decider';
const partitionCount = 4;
const all = [0, 1, 2, 3];
const stepMs = 50;

let clock: SimulatedClock;
let server: MemoryServer;
let stop: AbortController;
let everyone: Replica[];

beforeEach(() => {
  clock = createSimulatedClock();
  server = startMemoryServer({ nowMs: () => clock.nowMs() });
  stop = new AbortController();
  everyone = [];
});
afterEach(() => stop.abort());

interface Replica {
  readonly log: MemoryEventLog;
  readonly road: SlowRoad;
  readonly holder: LeaseHolder;
  readonly leases: Set<Lease>;
  readonly lost: string[];
  readonly end: AbortController;
}

const start = (instance: string, wrap = (bucket: Bucket) => bucket): Replica => {
  const log = server.connect();
  const road = slowRoadTo(wrap(log.leases));
  const leases = new Set<Lease>();
  const lost: string[] = [];
  const end = new AbortController();
  const holder = holdLeases({
    bucket: road.bucket,
    stage,
    instance,
    partitionCount,
    signal: AbortSignal.any([stop.signal, end.signal]),
    clock,
    random: () => 0,
    wallClockMs: () => 0,
    onStatus: (listener) => log.onStatus(listener),
    onGained: (_, lease) => leases.add(lease),
    onLost: (partition, reason) => void lost.push(`${partition} ${reason}`),
  });
  holder.ended.catch(() => undefined);
  const replica = { log, road, holder, leases, lost, end };
  everyone.push(replica);
  return replica;
};

/** Lets time pass, and looks in between that nothing has two owners. */
const pass = async (durationMs: number): Promise<void> => {
  for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
    await clock.pass(stepMs);
    const owned = everyone.flatMap(({ leases }) =>
      [...leases].filter((lease) => lease.isHeld()).map(({ partition }) => partition),
    );
    expect(owned).toEqual([...new Set(owned)]);
  }
};

const outage = async (whileAway: () => void): Promise<void> => {
  for (const { log } of everyone) log.disconnect();
  await pass(300);
  whileAway();
  for (const { log } of everyone) log.reconnect();
};

/** Who is said to own each partition, by the keys. */
const stored = async (): Promise<readonly (string | undefined)[]> => {
  const { leases } = server.connect();
  const entries = await Promise.all(all.map((one) => leases.get(partitionKey(stage, one))));
  return entries.map((entry) => entry && readLeaseValue(entry.value)?.instance);
};

it('an owner writes one key a second, however much it owns', async () => {
  const written: string[] = [];
  const counting = (bucket: Bucket): Bucket => ({
    ...slowRoadTo(bucket).bucket,
    set: (key, value, expected) => {
      written.push(key);
      return bucket.set(key, value, expected);
    },
    put: (key, value) => {
      written.push(key);
      return bucket.put(key, value);
    },
  });
  const { holder } = start('one', counting);
  await pass(1_500);
  expect(holder.partitions).toEqual(all);
  written.length = 0;
  await pass(60_000);
  expect(new Set(written)).toEqual(new Set([memberKey(stage, 'one')]));
  expect(written).toHaveLength(60);
});

it.each(['requests', 'answers'] as const)(
  'a renewal whose %s came too late brings nothing back that others own',
  async (what) => {
    const slow = start('slow');
    await pass(1_500);
    const other = start('other');
    await pass(2_000);
    expect(slow.holder.partitions).toHaveLength(2);
    slow.road.holdUp(what);
    await pass(2_100);
    expect(slow.holder.partitions).toEqual([]);
    await pass(1_500);
    expect(other.holder.partitions).toEqual(all);
    slow.road.letGo();
    await pass(500);
    expect([...slow.holder.partitions, ...other.holder.partitions].sort()).toEqual(all);
    expect(other.lost.every((line) => line.endsWith('given back'))).toBe(true);
  },
);

it('a taking that was answered after the time ran out once is none', async () => {
  const slow = start('slow');
  await pass(1_500);
  slow.end.abort();
  await pass(500);
  const late = start('late');
  late.road.holdUp('answers');
  await pass(500);
  late.road.letGo();
  await clock.pass(0);
  // It is a member now, and takes; the answers to that come after its renewals have failed once.
  late.road.holdUp('answers');
  const other = start('other');
  await pass(6_000);
  late.road.letGo();
  await pass(4_000);
  expect([...late.holder.partitions, ...other.holder.partitions].sort()).toEqual(all);
});

it('an owner whose renewals the watch does not show is not taken for gone', async () => {
  const living = start('living');
  await pass(1_500);
  const deaf = start('deaf');
  await pass(2_000);
  const before = [living.holder.partitions, deaf.holder.partitions];
  living.lost.length = 0;
  deaf.road.holdUp('news');
  await pass(20_000);
  expect([living.holder.partitions, deaf.holder.partitions]).toEqual(before);
  expect(living.lost).toEqual([]);
});

it('nothing is taken before others can see that we live', async () => {
  const taken: string[] = [];
  const unheard = (bucket: Bucket): Bucket => ({
    ...slowRoadTo(bucket).bucket,
    put: () => new Promise<number>(() => undefined),
    set: (key, value, expected) => {
      taken.push(key);
      return bucket.set(key, value, expected);
    },
  });
  start('one', unheard);
  await pass(5_000);
  expect(taken).toEqual([]);
});

it('after an outage nothing is taken before it is known what is stored', async () => {
  let isMute = false;
  const taken: string[] = [];
  const mutable = (bucket: Bucket): Bucket => ({
    ...slowRoadTo(bucket).bucket,
    get: (key) => (isMute ? new Promise(() => undefined) : bucket.get(key)),
    set: (key, value, expected) => {
      taken.push(key);
      return bucket.set(key, value, expected);
    },
  });
  const one = start('one', mutable);
  await pass(1_500);
  const other = start('other');
  await pass(2_000);
  expect(one.holder.partitions).toHaveLength(2);
  taken.length = 0;
  isMute = true;
  await outage(() => undefined);
  other.end.abort();
  await pass(1_000);
  // Its time has not run out, and two partitions are free.
  expect(one.holder.partitions).toHaveLength(2);
  expect(await stored()).toContain(undefined);
  expect(taken).toEqual([]);
});

it('one whose announcement vanished keeps its partitions: it announces itself again', async () => {
  const one = start('one');
  await pass(1_500);
  const other = start('other');
  await pass(2_000);
  const before = [one.holder.partitions, other.holder.partitions];
  one.lost.length = 0;
  await server.connect().leases.delete(memberKey(stage, 'one'));
  await pass(500);
  expect(one.holder.partitions).toEqual(before[0]);
  await pass(5_000);
  expect([one.holder.partitions.length, other.holder.partitions.length]).toEqual([2, 2]);
  expect(one.lost).toEqual([]);
});

it('what one that said goodbye did not give back is taken after a while', async () => {
  const { leases } = server.connect();
  const value = encodeLeaseValue({ instance: 'gone', sinceMs: 0 });
  await leases.put(memberKey(stage, 'gone'), value);
  await leases.put(partitionKey(stage, 2), value);
  const { holder } = start('one');
  await pass(2_000);
  await leases.delete(memberKey(stage, 'gone'));
  await pass(2_400);
  expect(holder.partitions).toEqual([0, 1, 3]);
  await pass(300);
  expect(holder.partitions).toEqual(all);
});

it('a renewal counts from when it was sent, not from when it was answered', async () => {
  const one = start('one');
  await pass(1_500);
  one.road.holdUp('answers');
  await pass(1_200);
  one.road.letGo();
  await clock.pass(0);
  one.road.holdUp('requests');
  // Sent at 2,000; answered at 2,700.
  await pass(1_250);
  expect(one.holder.partitions).toEqual(all);
  await pass(100);
  expect(one.holder.partitions).toEqual([]);
});

it('a partition of an owner that is not there is taken after a while', async () => {
  const { leases } = server.connect();
  const value = encodeLeaseValue({ instance: 'ghost', sinceMs: 0 });
  await leases.put(partitionKey(stage, 2), value);
  await leases.put(partitionKey(stage, 3), new TextEncoder().encode('whose?'));
  const { holder } = start('one');
  await pass(2_400);
  expect(holder.partitions).toEqual([0, 1]);
  await pass(1_000);
  expect(holder.partitions).toEqual(all);
});

it('whoever is named as the owner and did not know it works on it, at the latest by looking', async () => {
  const one = start('one');
  await pass(1_500);
  one.road.holdUp('news');
  const { leases } = server.connect();
  const value = encodeLeaseValue({ instance: 'one', sinceMs: 1 });
  await leases.put(partitionKey(stage, 2), value);
  await pass(31_000);
  expect(one.lost).toEqual(['2 taken']);
  expect(one.holder.partitions).toEqual(all);
});

it('an owner that did not hear that a partition was taken from it stops, by looking', async () => {
  const one = start('one');
  await pass(1_500);
  one.road.holdUp('news');
  const { leases } = server.connect();
  await leases.put(partitionKey(stage, 2), encodeLeaseValue({ instance: 'thief', sinceMs: 1 }));
  await pass(31_000);
  expect(one.lost).toEqual(['2 taken']);
  one.road.letGo();
  await pass(5_000);
  expect(one.holder.partitions).toEqual(all);
});

it('in a bucket that lost the handing over, the one that is named again is the owner', async () => {
  const first = start('first');
  await pass(1_500);
  const goBack = server.keepLeases();
  const second = start('second');
  await pass(2_500);
  expect(second.holder.partitions).toHaveLength(2);
  await outage(() => {
    goBack();
    // Until nobody can tell by the revisions that they went back.
    const { leases } = server.connect();
    for (let writes = 0; writes < 100; writes += 1)
      void leases.put('elsewhere.1', new Uint8Array());
  });
  await clock.pass(0);
  expect(second.lost.map((line) => line.slice(2))).toEqual(['taken', 'taken']);
  await pass(4_000);
  expect([first, second].map(({ holder }) => holder.partitions.length)).toEqual([2, 2]);
  expect(await stored()).toEqual(
    all.map((one) => (first.holder.partitions.includes(one) ? 'first' : 'second')),
  );
});

it('in a bucket that lost the end of one, its partitions are taken over once more', async () => {
  const staying = start('staying');
  await pass(1_500);
  const leaving = start('leaving');
  await pass(2_500);
  const goBack = server.keepLeases();
  leaving.end.abort();
  await pass(2_000);
  expect(staying.holder.partitions).toEqual(all);
  await outage(goBack);
  await clock.pass(0);
  expect(staying.lost.filter((line) => line.endsWith('taken'))).toHaveLength(2);
  await pass(6_000);
  expect(staying.holder.partitions).toEqual(all);
  expect(await stored()).toEqual(all.map(() => 'staying'));
});

it('a bucket that loses its tail while everybody stays connected is noticed', async () => {
  const first = start('first');
  await pass(1_500);
  const goBack = server.keepLeases();
  const second = start('second');
  await pass(2_500);
  first.road.holdUp('news');
  second.road.holdUp('news');
  goBack();
  await clock.pass(1_000);
  expect(second.lost.map((line) => line.slice(2))).toEqual(['taken', 'taken']);
});

it('a member killed before an outage is gone as soon after it as one killed without', async () => {
  const killed = start('killed');
  const living = start('living');
  await pass(3_000);
  await killed.log.close();
  everyone.shift();
  await outage(() => undefined);
  await pass(2_400);
  expect(living.holder.partitions).toHaveLength(2);
  await pass(300);
  expect(living.holder.partitions).toEqual(all);
});
