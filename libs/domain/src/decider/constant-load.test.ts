/** How often a constant load moves the replicas, by the dead band: why its default is 10 %. */
import { storyPolicy } from '@flyball/contracts/testing';
import { expect, it } from 'vitest';
import { averagesOf, secondsOf } from '../testing/constant-load.ts';
import { DeciderStory, storyWorkload } from '../testing/decider-story.ts';

const warmUpS = 120;
const measuredS = 600;
const seeds = [1, 2];
/** All but one on the edge between two numbers of pods, where a load moves them most. */
const means = [10, 20, 47, 50, 100];
const tolerances = [0, 0.02, 0.05, 0.1];

interface Setting {
  readonly stableWindowMs: number;
  readonly serviceS: number;
}

/** Changes of replicas in ten minutes of constant load. */
const changesIn = (tolerance: number, mean: number, seed: number, setting: Setting): number => {
  const { stableWindowMs, serviceS } = setting;
  const windows = { stableWindowMs, panicWindowMs: Math.max(1000, stableWindowMs / 10) };
  const story = new DeciderStory().workload({ ...windows, tolerance });
  const seconds = secondsOf({ seed, mean, serviceS, untilS: warmUpS + measuredS });
  const asked = () => story.state.workloads[storyWorkload]?.asked ?? 0;
  let changes = 0;
  for (const { atS, stable, panic } of averagesOf(seconds, windows)) {
    const before = asked();
    story.tick(atS, { stable, panic });
    if (atS > warmUpS && asked() !== before) changes += 1;
    story.pods(asked(), atS + 0.5);
  }
  return changes;
};

/** For each tolerance the changes in ten minutes, on average of all means and seeds. */
const measured = (setting: Setting): readonly number[] =>
  tolerances.map((tolerance) => {
    const runs = means.flatMap((mean) =>
      seeds.map((seed) => changesIn(tolerance, mean, seed, setting)),
    );
    return runs.reduce((sum, changes) => sum + changes, 0) / runs.length;
  });

const table = Object.fromEntries(
  [60_000, 6_000].flatMap((stableWindowMs) =>
    [0.1, 1].map((serviceS) => [
      `window ${stableWindowMs / 1000} s, requests of ${serviceS} s`,
      measured({ stableWindowMs, serviceS }),
    ]),
  ),
);

it('ten minutes of constant load: the changes for tolerances of 0, 2, 5 and 10 %', () => {
  expect(table).toMatchInlineSnapshot(`
    {
      "window 6 s, requests of 0.1 s": [
        64.9,
        32.5,
        8.9,
        0.9,
      ],
      "window 6 s, requests of 1 s": [
        68.4,
        53.8,
        38.2,
        21.1,
      ],
      "window 60 s, requests of 0.1 s": [
        18.3,
        1.5,
        0.3,
        0.2,
      ],
      "window 60 s, requests of 1 s": [
        19.2,
        4.7,
        2.1,
        0.7,
      ],
    }
  `);
});

it('with the default a constant load practically does not flap over the default window', () => {
  expect(storyPolicy).toMatchObject({ tolerance: 0.1, stableWindowMs: 60_000 });
  for (const serviceS of [0.1, 1]) {
    const [none = 0, , , most = 0] = table[`window 60 s, requests of ${serviceS} s`] ?? [];
    expect(none).toBeGreaterThan(10);
    expect(most).toBeLessThan(1);
  }
});
