/** A member that lives and takes nothing: its share is nobody's until others take it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { all, type LeaseStory, openLeaseStory, stage } from '../testing/lease-story.ts';
import { encodeLeaseValue, memberKey } from './lease-keys.ts';

const announceMs = 500;

let story: LeaseStory;

beforeEach(() => {
  story = openLeaseStory();
});
afterEach(() => story.stop());

/** Announces an instance from now on; the returned function ends it. */
const announce = (instance: string): (() => void) => {
  const { leases } = story.server.connect();
  const value = encodeLeaseValue({ instance, sinceMs: 0 });
  let cancel = () => {};
  const again = () => {
    leases.put(memberKey(stage, instance), value).catch(() => undefined);
    cancel = story.clock.after(announceMs, again);
  };
  again();
  return () => cancel();
};

it('the share of a member that takes nothing is owned by the other, most of the time', async () => {
  announce('idle');
  const { holder, lost } = story.start('busy');
  await story.pass(2_500);
  let ownedSteps = 0;
  for (let step = 0; step < 100; step += 1) {
    await story.pass(200);
    if (holder.partitions.length === all.length) ownedSteps += 1;
  }
  expect(holder.memberCount).toBe(2);
  expect(ownedSteps).toBeGreaterThan(75);
  expect(lost.length).toBeLessThanOrEqual(8);
});

it('a member that begins to take gets its fair share', async () => {
  const silence = announce('late');
  const { holder } = story.start('busy');
  await story.pass(2_500);
  expect(holder.partitions).toEqual(all);
  silence();
  const late = story.start('late');
  await story.pass(5_500);
  expect(holder.memberCount).toBe(2);
  expect(holder.partitions.length).toBe(2);
  expect(late.holder.partitions.length).toBe(2);
  await story.pass(10_000);
  expect(late.lost).toEqual([]);
});

it('what is taken beyond the share as its taker ends is given back at once', async () => {
  announce('idle');
  const { holder, road, end } = story.start('busy');
  await story.pass(700);
  expect(holder.partitions).toHaveLength(2);
  road.holdUp('answers');
  await story.pass(500);
  expect(await story.stored()).toEqual(all.map(() => 'busy'));
  end.abort();
  await story.pass(50);
  road.letGo();
  await story.pass(500);
  expect(await story.stored()).toEqual(all.map(() => undefined));
});
