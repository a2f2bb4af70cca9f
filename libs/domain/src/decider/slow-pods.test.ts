/** Pods that take long to start: what is asked for while they do, and when panic ends. */
import type { Policy } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import { startMs } from '../testing/decider-story.ts';
import { type Asked, type Load, play, type Scene } from './closed-loop.fixture.ts';

const target = { totalValue: 10, targetValue: 7, targetUtilization: 0.7 };
const never = 10_000_000;

/** One pod under 5 clients; from 60 s on there are 95 more, for as long as is said. */
const surge = (forMs: number): readonly Load[] => [
  { clients: 5, fromMs: 1_000, untilMs: never },
  { clients: 95, fromMs: 60_000, untilMs: 60_000 + forMs },
];

const playing = (
  policy: Partial<Policy>,
  loads: readonly Load[],
  scene: Partial<Pick<Scene, 'podStartMs' | 'readyPodsMax' | 'endMs'>> = {},
) =>
  play({
    ...{ policy: { ...target, ...policy }, loads, busy: 1, podStartMs: 30_000, endMs: 240_000 },
    ...scene,
  });

/** The replicas that were asked for since a moment, one after the other. */
const steps = (all: readonly Asked[], sinceMs: number): number[] =>
  all
    .filter(({ atMs }) => atMs >= sinceMs)
    .map(({ to }) => to)
    .filter((to, at, list) => to !== list[at - 1]);

describe('5 → 100 in flight on one pod, target 10 at 70 %', () => {
  it.each([300, 30_000])('asks for 13 or more within 300 ms; pods start in %d ms', (podStartMs) => {
    const { asked } = playing({}, surge(never), { endMs: 61_000, podStartMs });
    const soon = asked.filter(({ atMs }) => atMs >= 60_000 && atMs <= 60_300);
    expect(soon.at(-1)?.to).toBeGreaterThanOrEqual(13);
  });

  it('the second poke is not held down by the pods that the first asked for', () => {
    // Clients come within 100 ms: what the first poke sees is not all of them.
    const ramp: Load[] = [
      { clients: 5, fromMs: 1_000, untilMs: never },
      { clients: 15, fromMs: 60_000, untilMs: never },
      { clients: 80, fromMs: 60_100, untilMs: never },
    ];
    const { asked } = playing({}, ramp, { endMs: 61_000 });
    expect(steps(asked, 60_000)).toEqual([3, 15]);
    const second = asked.find(({ to }) => to === 15);
    expect(second?.ready).toBe(1);
    expect(second?.atMs).toBeLessThanOrEqual(60_300);
  });

  it('stays at 15 while they start, when panic ends, and after', () => {
    const { asked, story } = playing({}, surge(never));
    expect(steps(asked, 60_100)).toEqual([15]);
    expect(story.decisions.at(-1)?.data).toMatchObject({ to: 15, mode: 'stable' });
  });

  it('of pods that never come up panic lets go after the deadline; the need stays', () => {
    const policy = { stableWindowMs: 20_000, progressDeadlineMs: 120_000 };
    const scene = { endMs: 300_000, readyPodsMax: 1 };
    const { story } = playing(policy, surge(never), scene);
    const modes = story.decisions.filter(({ data }) => data.changed.includes('mode'));
    expect(modes.at(-1)?.data).toMatchObject({ mode: 'stable', to: 15 });
    const calmAtMs = (modes.at(-1)?.atMs ?? 0) - startMs;
    expect(calmAtMs).toBeGreaterThan(60_000 + 120_000);
    expect(calmAtMs).toBeLessThan(60_000 + 120_000 + 4_500);
    expect(story.decisions.at(-1)?.data.to).toBe(15);
  });
});

describe('a surge that is over before its pods are up', () => {
  const fast = { stableWindowMs: 10_000, panicWindowMs: 1_000 };
  const over = surge(8_000);

  it('Knative lets them all go in one step, and none was ever used', () => {
    const { asked } = playing({ ...fast, behaviour: 'knative' }, over);
    expect(steps(asked, 60_000)).toEqual([3, 6, 9, 12, 15, 1]);
    expect(Math.max(...asked.map(({ ready }) => ready))).toBe(1);
  });

  it('ours keeps them until they are up, then lets them go by the rate', () => {
    const { asked } = playing(fast, over);
    expect(steps(asked, 60_000)).toEqual([15, 7, 3, 1]);
    expect(asked.find(({ to }) => to === 7)?.ready).toBe(15);
  });
});
