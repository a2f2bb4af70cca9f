/** What comes late or again: old seconds, pokes behind their second, events that were folded. */
import type { WorkloadKey } from '@flyball/contracts';
import { expect, test } from 'vitest';
import { keptFromSecond } from './fold-ticks.ts';
import { sourceSeconds } from './mirror.ts';
import { bringUp, createPartitionLog, startMs } from './partition-log.fixture.ts';
import { windower } from './windower.ts';

const web: WorkloadKey = 'default/web';

test('one that is older than what is kept is passed by; the oldest that is kept is folded', () => {
  const log = createPartitionLog();
  bringUp(log, web, {});
  log.tick(600_200);
  const oldest = keptFromSecond(log.state) - startMs / 1_000;
  expect(oldest).toBeGreaterThan(0);
  const seconds = () => sourceSeconds(log.state).map(({ secondAtMs }) => secondAtMs - startMs);
  const rows = [{ workload: web, concurrencyMilli: 3_000, inFlight: 3 }];
  log.sample({ second: oldest - 1, sentMs: 600_300, rows });
  expect(seconds()).toEqual([]);
  log.sample({ second: oldest, sentMs: 600_400, rows });
  expect(seconds()).toEqual([oldest * 1_000]);
});

test('a poke that comes after the whole of its second changes nothing of it', () => {
  const log = createPartitionLog();
  bringUp(log, web, {});
  const said = () => [...(sourceSeconds(log.state)[0]?.concurrencyMilli ?? [])];
  const row = { workload: web, concurrencyMilli: 3_000, inFlight: 3 };
  log.sample({ second: 1, partial: true, rows: [{ ...row, concurrencyMilli: 5_000 }] });
  expect(said()).toEqual([5_000]);
  log.sample({ second: 1, rows: [row] });
  log.sample({ second: 1, partial: true, rows: [{ ...row, concurrencyMilli: 9_000 }] });
  expect(said()).toEqual([3_000]);
});

test('an event that comes again is folded once: a pod that has gone stays gone', () => {
  const log = createPartitionLog();
  bringUp(log, web, {});
  log.tell(
    'PodAppeared',
    { workload: web },
    {
      ...{ pod: 'late', address: '127.0.0.1:1', metricsAddress: null, createdAtMs: startMs },
    },
  );
  const appeared = log.events.at(-1);
  log.tell('PodGone', { workload: web }, { pod: 'late' });
  const pods = () => [...(log.state.workloads.get(web)?.pods.keys() ?? [])];
  expect(pods()).not.toContain('late');
  if (appeared === undefined) throw new Error('it was told');
  log.state = windower.evolve(log.state, appeared);
  expect(pods()).not.toContain('late');
});
