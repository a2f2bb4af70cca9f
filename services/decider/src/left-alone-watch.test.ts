/** Which workloads a decider says that it leaves alone, in its metrics and once in its log. */
import type { WorkloadKey } from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import { type DeciderState, decider, knownAlgorithms } from '@flyball/domain';
import type { Life } from '@flyball/service';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { beforeEach, expect, it } from 'vitest';
import { createLeftAloneWatch, type LeftAloneWatch } from './left-alone-watch.ts';

const newer = Math.max(...knownAlgorithms) + 1;
const known = Math.max(...knownAlgorithms);

let lines: { readonly level: number; readonly count?: number }[];
let metrics: Registry;
let watch: LeftAloneWatch;

beforeEach(() => {
  lines = [];
  metrics = new Registry();
  const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line)) });
  watch = createLeftAloneWatch({ metrics, logger } as unknown as Life);
});

let seq = 0;
const told = (
  state: DeciderState,
  workload: WorkloadKey,
  event: Pick<Parameters<typeof decider.evolve>[1], 'type' | 'pen' | 'data'>,
): void => {
  seq += 1;
  const place = { id: `e${seq}`, partition: 0, source: '/flyball/watcher', workload, atMs: 1, seq };
  decider.evolve(state, { ...place, ...event } as Parameters<typeof decider.evolve>[1]);
};

/** A partition with one workload by each of these versions. */
const stateWith = (...algorithms: readonly number[]): DeciderState => {
  const state = decider.initialState(0);
  for (const [index, algorithm] of algorithms.entries()) {
    const key: WorkloadKey = `default/web-${index}`;
    const data = { uid: key, replicas: 0, createdAtMs: 1, adopted: false, resourceVersion: '1' };
    told(state, key, { type: 'WorkloadAppeared', pen: 'platform', data });
    const policy = { ...storyPolicy, algorithm };
    const set = { policy, layers: {}, warnings: [] };
    told(state, key, { type: 'PolicySet', pen: 'policy', data: set });
  }
  return state;
};
const counted = async (): Promise<(string | number)[]> => {
  const gauge = await metrics.getSingleMetric('flyball_decider_left_alone_workloads')?.get();
  return gauge?.values.map(({ value }) => value) ?? [];
};

it('counts them, and names them once', async () => {
  watch.look(stateWith(known, newer, newer));
  watch.look(stateWith(known, newer, newer));
  expect(await counted()).toEqual([2]);
  expect(lines).toMatchObject([
    {
      level: 40,
      count: 2,
      workloads: [
        { workload: 'default/web-1', algorithm: newer },
        { workload: 'default/web-2', algorithm: newer },
      ],
      knownAlgorithms,
    },
  ]);
});

it('says when there are none any more, and nothing while there never were', async () => {
  watch.look(stateWith(known));
  expect(lines).toEqual([]);
  watch.look(stateWith(newer));
  watch.look(stateWith(known));
  expect([lines.map(({ level }) => level), await counted()]).toEqual([[40, 30], [0]]);
});

it('names only some of very many', () => {
  watch.look(stateWith(...Array.from({ length: 50 }, () => newer)));
  expect(lines).toMatchObject([{ count: 50, workloads: { length: 10 } }]);
});

it('forgets a partition that is no longer owned, and names anew what comes back', async () => {
  watch.look(stateWith(newer));
  watch.forget(0);
  expect(await counted()).toEqual([]);
  watch.look(stateWith(newer));
  expect(lines).toHaveLength(2);
});
