/** What becomes of a lease when the bucket's answer gets lost on its way. */
import { OutsideError } from '@flyball/contracts';
import { expect, test } from 'vitest';
import type { Bucket } from './event-log.ts';
import { holdLeases } from './leases.ts';
import { startMemoryServer } from './memory.ts';
import { createSimulatedClock } from './testing/simulated-clock.ts';

const timeout = new OutsideError('NATS_TIMEOUT', 'no answer in time', { retriable: true });

/** Loses the answer to the write of this number, counted from 1; the write itself is done. */
const losingAnswer = (bucket: Bucket, number: number): Bucket => {
  let writes = 0;
  return {
    name: bucket.name,
    maxValueBytes: bucket.maxValueBytes,
    get: (key) => bucket.get(key),
    set: async (key, value, expectedRevision) => {
      const revision = await bucket.set(key, value, expectedRevision);
      writes += 1;
      if (writes === number) throw timeout;
      return revision;
    },
    put: (key, value) => bucket.put(key, value),
    delete: (key, expectedRevision) => bucket.delete(key, expectedRevision),
    keys: (filter) => bucket.keys(filter),
    watch: (filter, signal) => bucket.watch(filter, signal),
  };
};

test.each([
  ['the taking', 1],
  ['a renewal', 3],
])('an owner to whom the answer to %s got lost owns the partition again', async (_, number) => {
  const clock = createSimulatedClock();
  const log = startMemoryServer().connect();
  const end = new AbortController();
  const holder = holdLeases({
    bucket: losingAnswer(log.leases, number),
    stage: 'decider',
    instance: 'one',
    partitionCount: 1,
    signal: end.signal,
    clock,
    random: () => 0.5,
    wallClockMs: () => 0,
    onGained: () => undefined,
  });
  await clock.pass(10_000);
  expect(holder.partitions).toEqual([0]);
  end.abort();
  await holder.ended;
});
