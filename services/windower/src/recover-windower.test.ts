/** What a recovered windower knows when Redis and SAMPLES do not agree. */
import type { WorkloadKey } from '@flyball/contracts';
import { sourceSeconds } from '@flyball/domain';
import type { WindowWrite } from '@flyball/window-store';
import { expect, it } from 'vitest';
import { recoverWindower } from './recover-windower.ts';
import { bareTenure, partition } from './testing/bare-tenure.ts';

const workload: WorkloadKey = 'default/web';
const source = 'activator-a';
const secondAtMs = 1_767_225_600_000;

const storedAt = (cursorSeq: number, streamCreatedAt: string): WindowWrite => ({
  ...{ cursorSeq, cursorId: `batch-${cursorSeq}`, streamCreatedAt, keepFromMs: 0 },
  seconds: [
    {
      ...{ source, secondAtMs, whole: true, workloads: [workload] },
      ...{ concurrencyMilli: Float64Array.of(7_000), requestsMilli: Float64Array.of(1_000) },
    },
  ],
});

it.each([
  ['lost their tail', 10, undefined],
  ['lost their tail and have grown again', 1, undefined],
  ['are a new stream', 0, 'another'],
])('keeps the seconds of Redis when SAMPLES %s, and writes all of it anew', async (...given) => {
  const [, cursorSeq, otherStream] = given;
  const { tenure } = bareTenure();
  const { createdAt } = await tenure.log.samples.state();
  await tenure.log.samples.append({ subject: 'flyball.samples.1', id: 'new', body: '{}' });
  await tenure.store.write(partition, 0, storedAt(cursorSeq, otherStream ?? createdAt));
  const recovered = await recoverWindower(tenure);
  expect(recovered && sourceSeconds(recovered.state)).toMatchObject([
    { source, secondAtMs, workloads: [workload] },
  ]);
  expect(recovered?.state.samplesThroughSeq).toBe(0);
  expect(recovered?.storedCursorSeq).toBeUndefined();
});

it('goes on from the cursor of Redis when it is one of these SAMPLES', async () => {
  const { tenure } = bareTenure();
  const { createdAt } = await tenure.log.samples.state();
  await tenure.log.samples.append({ subject: 'flyball.samples.1', id: 'batch-1', body: '{}' });
  await tenure.store.write(partition, 0, storedAt(1, createdAt));
  const recovered = await recoverWindower(tenure);
  expect(recovered?.state.samplesThroughSeq).toBe(1);
  expect(recovered?.storedCursorSeq).toBe(1);
});
