/** Sources whose clocks are too far ahead: they are refused, and shown as long as they speak so. */
import type { WorkloadKey } from '@flyball/contracts';
import { expect, test } from 'vitest';
import { bringUp, createPartitionLog, rowIn, startMs } from './partition-log.fixture.ts';

const web: WorkloadKey = 'default/web';

test('a clock more than 5 s ahead is refused and shown', () => {
  const log = createPartitionLog();
  bringUp(log, web);
  log.sample({ second: 10, sentMs: 4_000, rows: [{ workload: web, concurrencyMilli: 9 }] });
  const refused = { aheadMs: 6_000, receivedAtMs: startMs + 4_000 };
  expect(log.state.refusedSkew).toEqual(new Map([['activator-1', refused]]));
  expect(log.state.samplesThroughSeq).toBe(1);
  expect(rowIn(log.tick(12_200), web)?.stableMilli).toBeNull();
});

test('one that is right again is shown no more', () => {
  const log = createPartitionLog();
  log.sample({ second: 10, sentMs: 4_000 });
  log.sample({ second: 4, sentMs: 5_020 });
  expect([...log.state.refusedSkew.keys()]).toEqual([]);
});

test('one that says no more is not shown for ever', () => {
  const log = createPartitionLog();
  for (const second of [10, 11]) log.sample({ second, sentMs: 4_000 });
  log.tick(4_200);
  expect([...log.state.refusedSkew.keys()]).toEqual(['activator-1']);
  log.tick(14_200);
  expect([...log.state.refusedSkew.keys()]).toEqual([]);
});
