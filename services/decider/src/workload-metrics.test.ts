/** What a decider tells of its workloads: what it owns now, and nothing of what it lost. */
import type { WorkloadKey } from '@flyball/contracts';
import { type DeciderState, deciderStateFrom, type WorkloadState } from '@flyball/domain';
import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { createWorkloadMetrics, type WorkloadMetrics } from './workload-metrics.ts';

const nowMs = 1_767_225_600_000;

const calm = {
  uid: 'a',
  policy: { targetValue: 10 },
  readyPods: 2,
  startingPods: 1,
  stableAverage: 15,
  panicAverage: 40,
  seen: 'measured',
  asked: 3,
  last: { to: 4 },
  memory: { desired: 5, panicSinceMs: null },
};

const stateOf = (partition: number, workloads: Readonly<Record<string, object>>): DeciderState => {
  const tick = { atMs: nowMs - 3_000, beforeMs: 0, workloads: 0, decisions: 0 };
  const state = deciderStateFrom({ version: 3, partition, workloads, tick }, partition);
  if (state === undefined) throw new Error('the version of the snapshot has changed');
  return state;
};

let registry: Registry;
let metrics: WorkloadMetrics;
beforeEach(() => {
  registry = new Registry();
  metrics = createWorkloadMetrics({ metrics: registry, clock: { nowMs: () => nowMs }, max: 100 });
});

const sampleOf = async (series: string): Promise<number | undefined> => {
  const line = (await registry.metrics()).split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};
const of = (name: string, workload = 'web'): Promise<number | undefined> =>
  sampleOf(`flyball_workload_${name}{namespace="default",workload="${workload}"}`);

const own = (partition: number, state: DeciderState, isHeld = true): void =>
  metrics.own(partition, { state: () => state, isHeld: () => isHeld });

describe('the workloads of a decider', () => {
  it('are told as they were decided', async () => {
    own(0, stateOf(0, { 'default/web': calm }));
    expect(await of('stable_average')).toBe(15);
    expect(await of('panic_average')).toBe(40);
    expect(await of('target')).toBe(10);
    expect(await of('target_use_ratio')).toBe(0.75);
    expect(await of('wanted_replicas')).toBe(5);
    expect(await of('desired_replicas')).toBe(4);
    expect(await of('ready_replicas')).toBe(2);
    expect(await of('starting_replicas')).toBe(1);
    expect(await of('panic')).toBe(0);
    expect(await of('blind')).toBe(0);
  });

  it('in panic and blind are so', async () => {
    const memory = { desired: 9, panicSinceMs: nowMs };
    own(0, stateOf(0, { 'default/web': { ...calm, seen: 'blind', memory } }));
    expect([await of('panic'), await of('blind')]).toEqual([1, 1]);
    expect(await sampleOf('flyball_decider_panicking_workloads')).toBe(1);
    expect(await sampleOf('flyball_decider_workloads{seen="blind"}')).toBe(1);
    expect(await sampleOf('flyball_decider_workloads{seen="measured"}')).toBe(0);
  });

  it('have no use without a pod, a target or an average, and no series of it', async () => {
    own(
      0,
      stateOf(0, {
        'default/asleep': { ...calm, readyPods: 0 },
        'default/unseen': { ...calm, stableAverage: null, panicAverage: null },
        'default/bare': { ...calm, policy: null, last: null },
      }),
    );
    for (const workload of ['asleep', 'unseen', 'bare']) {
      expect(await of('target_use_ratio', workload), workload).toBeUndefined();
    }
    expect(await of('stable_average', 'unseen')).toBeUndefined();
    expect(await of('desired_replicas', 'bare')).toBe(3);
  });

  it('that the platform does not have are not told', async () => {
    own(0, stateOf(0, { 'default/web': { ...calm, uid: null } }));
    expect(await of('desired_replicas')).toBeUndefined();
    expect(await sampleOf('flyball_decider_workloads{seen="measured"}')).toBe(0);
  });

  it('are summed over all partitions', async () => {
    own(0, stateOf(0, { 'default/web': calm }));
    own(1, stateOf(1, { 'default/api': calm }));
    expect(await sampleOf('flyball_decider_desired_replicas')).toBe(8);
    expect(await sampleOf('flyball_decider_ready_replicas')).toBe(4);
    expect(await sampleOf('flyball_decider_tick_age_seconds{partition="1"}')).toBe(3);
  });
});

describe('a partition that is not owned any more', () => {
  const told = async (): Promise<boolean> => (await of('desired_replicas')) !== undefined;
  const state = stateOf(0, { 'default/web': calm });

  it('is told until it is forgotten', async () => {
    own(0, state);
    expect(await told()).toBe(true);
    metrics.forget(0);
    expect(await told()).toBe(false);
    expect(await sampleOf('flyball_decider_tick_age_seconds{partition="0"}')).toBeUndefined();
    expect(await sampleOf('flyball_decider_desired_replicas')).toBe(0);
  });

  it('is not told once its lease is over, though nobody could say so yet', async () => {
    own(0, state, false);
    expect(await told()).toBe(false);
  });

  it('is not told while its state is made anew, and then as the new one is', async () => {
    let known: DeciderState | undefined;
    metrics.own(0, { state: () => known, isHeld: () => true });
    expect(await told()).toBe(false);
    known = stateOf(0, { 'default/web': { ...calm, last: { to: 7 } } });
    expect(await of('desired_replicas')).toBe(7);
  });
});

it('what is told follows the state that the decider changes in place', async () => {
  const state = stateOf(0, { 'default/web': calm });
  own(0, state);
  const web = state.workloads['default/web' as WorkloadKey] as WorkloadState;
  web.readyPods = 4;
  expect(await of('ready_replicas')).toBe(4);
});
