/** Part of a history is never taken for all of it. */
import { workloadFilter } from '@flyball/contracts';
import { expect, it } from 'vitest';
import { explainWorkload } from './explain-workload.ts';
import { viewPartition } from './partition-view.ts';
import { readWhole } from './read-whole.ts';
import { readTicks } from './recorded-workload.ts';
import { readStateAt } from './state-at.ts';
import { tellStory } from './testing/recorded-story.ts';

const told = await tellStory();
const { reader, workload, partition } = told;
const ended = { code: 'NATS_TIMEOUT', cause: expect.objectContaining({ name: 'AbortError' }) };

it('gives all that there is', async () => {
  const { signal } = new AbortController();
  const filter = workloadFilter(partition, workload);
  let count = 0;
  for await (const batch of readWhole(told.log.events, { filter, afterSeq: 0, signal })) {
    count += batch.length;
  }
  expect(count).toBeGreaterThan(0);
});

it('rejects when it is ended in the middle, with the reason for that', async () => {
  const stop = new AbortController();
  const { signal } = stop;
  const filter = workloadFilter(partition, workload);
  const reading = async () => {
    for await (const _ of readWhole(told.log.events, { filter, afterSeq: 0, signal })) stop.abort();
  };
  await expect(reading()).rejects.toMatchObject(ended);
});

const signal = AbortSignal.abort();
const atMs = told.nowMs;
it.each([
  ['the state at a moment', () => readStateAt(reader, workload, { atMs, signal })],
  ['a partition', () => viewPartition(reader, partition, signal)],
  ['an explanation', () => explainWorkload(reader, workload, { signal })],
  ['the ticks', () => readTicks(reader, partition, signal)],
])('does not tell %s of a part', async (_, read) => {
  await expect(read()).rejects.toMatchObject(ended);
});
