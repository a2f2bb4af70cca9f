/** What an instance knows of the partitions: by the watch, and by asking. */
import { expect, it } from 'vitest';
import { createSimulatedClock } from '../testing/simulated-clock.ts';
import { encodeLeaseValue } from './lease-keys.ts';
import { LeaseSight } from './lease-sight.ts';

const open = () => {
  const free: number[] = [];
  const sight = new LeaseSight({
    stage: 'decider',
    instance: 'self',
    clock: createSimulatedClock(),
    random: () => 0,
    ask: async () => undefined,
    onFree: (partition) => free.push(partition),
    onTaken: () => undefined,
    onMembers: () => undefined,
    onTrouble: (error) => {
      throw error;
    },
  });
  return { sight, free };
};

const valueBy = (instance: string): Uint8Array => encodeLeaseValue({ instance, sinceMs: 0 });

it('an answer that news have overtaken does not count', () => {
  const { sight, free } = open();
  const asked = sight.revisionOf(1);
  sight.notice({ key: 'decider.1', value: valueBy('other'), revision: 9, current: true });
  sight.noticeStored(
    1,
    { key: 'decider.1', value: valueBy('self'), revision: 5, storedAtMs: 0 },
    asked,
  );
  expect([sight.revisionOf(1), free]).toEqual([9, []]);
});

it('an answer older than what was seen counts when nothing came meanwhile', () => {
  const { sight, free } = open();
  sight.notice({ key: 'decider.1', value: valueBy('other'), revision: 9, current: true });
  sight.noticeStored(
    1,
    { key: 'decider.1', value: valueBy('self'), revision: 5, storedAtMs: 0 },
    9,
  );
  expect([sight.revisionOf(1), free]).toEqual([5, [1]]);
});

it('the same told again is no news', () => {
  const { sight, free } = open();
  const entry = { key: 'decider.1', value: valueBy('self'), revision: 5, current: true };
  sight.notice(entry);
  sight.notice(entry);
  expect(free).toEqual([1]);
});
