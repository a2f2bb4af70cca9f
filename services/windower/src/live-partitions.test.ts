/** What a windower tells of live partitions: age of data, load and ticks; nothing of others. */
import { initialWindowerState, type WindowedWorkload, type WindowerState } from '@flyball/domain';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createLivePartitions } from './live-partitions.ts';

const nowMs = 1_767_225_600_500;
const second = Math.floor(nowMs / 1_000);

const stateWith = (workload: Partial<WindowedWorkload>): WindowerState => {
  const state = initialWindowerState(2);
  state.tickDueAtMs = nowMs - 300;
  const known = { key: 'default/web', policy: {}, loads: new Map(), ...workload };
  state.workloads.set('default/web', known as WindowedWorkload);
  return state;
};

const bed = (state: WindowerState) => {
  const registry = new Registry();
  const live = createLivePartitions({ registry, nowMs: () => nowMs, workloadMetricsMax: 10 });
  let isCurrent = true;
  const end = live.begin({ partition: 2, state: () => state, isCurrent: () => isCurrent });
  const lines = async (): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.includes('{'));
  const lose = (): void => {
    isCurrent = false;
  };
  return { lines, end, lose };
};

it('the age is from the end of the newest covered second, in flight by all sources', async () => {
  const loads = new Map([
    ['activator-a', { secondAtMs: nowMs - 500, inFlight: 3 }],
    ['scrape-2', { secondAtMs: nowMs - 1_500, inFlight: 4 }],
    ['activator-gone', { secondAtMs: nowMs - 60_000, inFlight: 9 }],
  ]);
  const { lines } = bed(stateWith({ coveredSecond: second - 3, loads }));
  expect(await lines()).toEqual([
    'flyball_windower_tick_age_seconds{partition="2"} 0.3',
    'flyball_workload_in_flight_requests{namespace="default",workload="web"} 7',
    'flyball_workload_data_age_seconds{namespace="default",workload="web"} 2.5',
  ]);
});

it('what nobody ever covered has no age, and without a policy is no workload yet', async () => {
  expect(await bed(stateWith({ coveredSecond: -1 })).lines()).toHaveLength(2);
  expect(await bed(stateWith({ policy: undefined, coveredSecond: 1 })).lines()).toHaveLength(1);
});

it('a source whose clock is ahead is told as long as it is', async () => {
  const state = initialWindowerState(2);
  const { lines } = bed(state);
  state.refusedSkew.set('activator-1', { aheadMs: 6_500, receivedAtMs: nowMs });
  expect(await lines()).toEqual([
    'flyball_windower_refused_skew_seconds{source="activator-1"} 6.5',
  ]);
  state.refusedSkew.delete('activator-1');
  expect(await lines()).toEqual([]);
});

it('a partition that ended, or whose lease is over, is not told', async () => {
  const ended = bed(stateWith({ coveredSecond: second }));
  ended.end();
  expect(await ended.lines()).toEqual([]);
  const lost = bed(stateWith({ coveredSecond: second }));
  lost.lose();
  expect(await lost.lines()).toEqual([]);
});
