/** What becomes of a lease when the bucket's answer gets lost on its way. */
import { OutsideError } from '@flyball/contracts';
import { expect, test } from 'vitest';
import type { Bucket } from './event-log.ts';
import { holdLeases } from './leases.ts';
import { startMemoryServer } from './memory.ts';
import { createSimulatedClock } from './testing/simulated-clock.ts';

const timeout = new OutsideError('NATS_TIMEOUT', 'no answer in time', { retriable: true });

/** Loses the answer to the call of this number, counted from 1; the write itself is done. */
const losingAnswer = (bucket: Bucket, call: 'set' | 'put', number: number): Bucket => {
  let calls = 0;
  const answered = <Answer>(by: 'set' | 'put', answer: Answer): Answer => {
    calls += by === call ? 1 : 0;
    if (by === call && calls === number) throw timeout;
    return answer;
  };
  return {
    name: bucket.name,
    maxValueBytes: bucket.maxValueBytes,
    get: (key) => bucket.get(key),
    set: async (key, value, expectedRevision) =>
      answered('set', await bucket.set(key, value, expectedRevision)),
    put: async (key, value) => answered('put', await bucket.put(key, value)),
    delete: (key, expectedRevision) => bucket.delete(key, expectedRevision),
    keys: (filter) => bucket.keys(filter),
    watch: (filter, signal) => bucket.watch(filter, signal),
  };
};

test.each([
  ['the taking', 'set', 1],
  ['the announcement', 'put', 1],
  ['a renewal', 'put', 3],
] as const)(
  'the answer to %s got lost: the partition is owned all the same',
  async (_, call, number) => {
    const clock = createSimulatedClock();
    const log = startMemoryServer().connect();
    const end = new AbortController();
    const holder = holdLeases({
      bucket: losingAnswer(log.leases, call, number),
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
  },
);
