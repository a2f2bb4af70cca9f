/** The judges are judged: a protection that is taken away is missed, and no byte may differ. */
import { describe, expect, it, test } from 'vitest';
import { drawPlan } from './faults/draw-plan.ts';
import type { Fault, Plan } from './plan.ts';
import { runSeeds } from './run-seeds.ts';
import { reportSeed, type SeedReport } from './seed-report.ts';
import { judgePlan, run } from './simulate.ts';
import type { Canary } from './world/simulated-log.ts';
import { calm } from './world/weather.ts';

const rival = (shell: 'windower' | 'decider' | 'actuator' | 'watcher'): Fault => ({
  kind: 'rival',
  atMs: 3_000,
  shell,
  forMs: 14_000,
});

/** A protection taken away, the faults that it protects from, and the judge who must notice. */
const canaries: readonly (readonly [Canary, readonly Fault[], RegExp])[] = [
  ['no-fence', [rival('watcher'), rival('windower')], /^chains are whole/],
  [
    'no-dedupe',
    [{ kind: 'roads', atMs: 500, forMs: 17_000, rates: { ...calm, answerLost: 0.3 } }],
    /^ids are unique/,
  ],
  [
    'no-resource-version',
    Array.from({ length: 8 }, (_, number) => ({
      kind: 'ambush' as const,
      atMs: 2_000 * number + 1_000,
      process: 'actuator-1',
      call: 'scale',
      strike: 'freeze' as const,
      forMs: 5_000,
    })),
    /^replicas move by decisions/,
  ],
];

const seedsTried = 12;

describe('a protection that is taken away is missed', () => {
  it.each(canaries)('%s', async (canary, faults, judge) => {
    const noticed: string[] = [];
    for (let seed = 1; seed <= seedsTried && noticed.length === 0; seed += 1) {
      const replicas = { ...drawPlan(seed).replicas, actuator: 2 };
      const plan: Plan = { ...drawPlan(seed), replicas, faults, canary };
      const { wrong } = await judgePlan(plan);
      noticed.push(...wrong.filter((one) => judge.test(one)));
    }
    expect(noticed).not.toEqual([]);
  });
});

test('the same seed leaves the same bytes', async () => {
  const [first, second] = [await run(drawPlan(3)), await run(drawPlan(3))];
  expect(second.digest).toBe(first.digest);
  expect((await run(drawPlan(4))).digest).not.toBe(first.digest);
});

test('threads report each seed once, as a run of its own does, until it is enough', async () => {
  const options = { cut: { calmAtMs: 4_000 }, log: false };
  const reports: SeedReport[] = [];
  const { signal } = new AbortController();
  const onReport = (report: SeedReport): boolean => reports.push(report) === 101;
  await runSeeds({ from: 9, seeds: 500, options, signal, onReport });
  expect(reports).toHaveLength(101);
  expect(new Set(reports.map(({ seed }) => seed)).size).toBe(101);
  const tenth = reports.find(({ seed }) => seed === 10);
  expect(tenth).toEqual(await reportSeed(10, options));
  expect(tenth).toMatchObject({ ranTwice: true, repeatable: true, failed: false });
});
