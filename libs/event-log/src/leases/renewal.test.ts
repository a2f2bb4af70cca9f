/** One key keeps all that an instance owns: what it costs, and what must not go wrong by it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bucket } from '../event-log.ts';
import { all, type LeaseStory, openLeaseStory, stage } from '../testing/lease-story.ts';
import { slowRoadTo } from '../testing/slow-road.ts';
import { encodeLeaseValue, memberKey, partitionKey } from './lease-keys.ts';

let story: LeaseStory;
let { clock, server, start, pass, outage, stored } = openLeaseStory();

beforeEach(() => {
  story = openLeaseStory();
  ({ clock, server, start, pass, outage, stored } = story);
});
afterEach(() => story.stop());

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
