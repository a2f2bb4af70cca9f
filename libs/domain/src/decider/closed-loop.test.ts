/** The windower and the decider together: closed-loop clients from zero, up, and back to zero. */
import { describe, expect, it } from 'vitest';
import { type DeciderStory, replicasOf, startMs } from '../testing/decider-story.ts';
import { play, type Scene } from './closed-loop.fixture.ts';

const fiftyFrom = (fromMs: number) => [{ clients: 50, fromMs, untilMs: fromMs + 30_000 }];

const scene: Scene = {
  policy: {},
  loads: fiftyFrom(10_400),
  endMs: 180_000,
  podStartMs: 600,
  busy: 0.992,
};

const during = (story: DeciderStory, fromMs: number, untilMs: number): number[] =>
  replicasOf(
    story.decisions.filter(({ atMs }) => atMs >= startMs + fromMs && atMs < startMs + untilMs),
  );

describe('50 clients through the windower', () => {
  for (const startsMs of [10_000, 10_100, 10_400, 10_900, 11_000, 11_900]) {
    it(`0 → 5 → 0, five under the whole load, from second ${startsMs / 1000}`, () => {
      const { story } = play({ ...scene, loads: fiftyFrom(startsMs) });
      expect(new Set(during(story, startsMs, startsMs + 30_000))).toEqual(new Set([5]));
      expect(story.decisions.at(-1)?.data.to).toBe(0);
    });
  }

  it('with short windows too, and pods that start slowly', () => {
    const fast = { stableWindowMs: 6_000, panicWindowMs: 1_000, scaleToZeroGracePeriodMs: 2_000 };
    for (const podStartMs of [300, 3_000, 8_000]) {
      const { story } = play({ ...scene, podStartMs, policy: fast, endMs: 60_000 });
      expect(new Set(during(story, 10_400, 40_400))).toEqual(new Set([5]));
      expect(story.decisions.at(-1)?.data.to).toBe(0);
    }
  });

  it('8 at 70 %', () => {
    const { story } = play({ ...scene, policy: { targetValue: 7, targetUtilization: 0.7 } });
    expect(new Set(during(story, 10_400, 40_400))).toEqual(new Set([8]));
  });

  it('one client keeps one pod', () => {
    const { story } = play({ ...scene, loads: [{ clients: 1, fromMs: 10_400, untilMs: 40_400 }] });
    expect(new Set(during(story, 10_400, 40_400))).toEqual(new Set([1]));
    expect(story.decisions.at(-1)?.data.to).toBe(0);
  });
});
