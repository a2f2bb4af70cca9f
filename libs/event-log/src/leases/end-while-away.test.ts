/** A holder that ends while its connection is away has nobody to give its leases back to. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { all, type LeaseStory, openLeaseStory } from '../testing/lease-story.ts';

let story: LeaseStory;

beforeEach(() => {
  story = openLeaseStory();
});
afterEach(() => story.stop());

it('ends within two seconds, and leaves its leases to run out', async () => {
  const { log, holder, end, lost } = story.start('one');
  await story.pass(1_500);
  expect(holder.partitions).toEqual(all);
  let hasEnded = false;
  void holder.ended.then(() => {
    hasEnded = true;
  });
  log.disconnect();
  end.abort();
  await story.pass(2_100);
  expect(hasEnded).toBe(true);
  expect(holder.partitions).toEqual([]);
  expect(lost).toEqual(all.map((partition) => `${partition} given back`));
  const next = story.start('two');
  await story.pass(4_000);
  expect(next.holder.partitions).toEqual(all);
});

it('ends although no answer comes on a connection that seems to be there', async () => {
  const { road, holder, end } = story.start('one');
  await story.pass(1_500);
  let hasEnded = false;
  void holder.ended.then(() => {
    hasEnded = true;
  });
  road.holdUp('answers');
  end.abort();
  await story.pass(2_100);
  expect(hasEnded).toBe(true);
});
