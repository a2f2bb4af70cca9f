/** What is stored is not what is known: news that were missed, and a bucket that lost its tail. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { all, type LeaseStory, openLeaseStory, stage } from '../testing/lease-story.ts';
import { encodeLeaseValue, partitionKey } from './lease-keys.ts';

let story: LeaseStory;
let { clock, server, start, pass, outage, stored } = openLeaseStory();

beforeEach(() => {
  story = openLeaseStory();
  ({ clock, server, start, pass, outage, stored } = story);
});
afterEach(() => story.stop());

it('whoever is named as the owner works on it, at the latest when it looks', async () => {
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
  await outage(() => undefined);
  await pass(2_400);
  expect(living.holder.partitions).toHaveLength(2);
  await pass(300);
  expect(living.holder.partitions).toEqual(all);
});
