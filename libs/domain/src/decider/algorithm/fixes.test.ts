/** Every fix on one input: what Knative decides, and what ours does. */
import { currentAlgorithm, type Policy } from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import { describe, expect, it, test } from 'vitest';
import { type Decided, DeciderStory, startMs } from '../../testing/decider-story.ts';
import { type FixName, fixes, fixesByAlgorithm } from './fixes.ts';
import { algorithmOf, knownAlgorithms } from './versions.ts';

type Settings = Partial<Policy>;

interface FixStory {
  /** Plays the one input under some settings, and tells what was decided. */
  readonly play: (settings: Settings) => readonly string[];
  readonly knative: readonly string[];
  readonly flyball: readonly string[];
}

/** `12 s: 5 panic`, for each decision that moves the replicas or the mode. */
const told = (story: DeciderStory): string[] =>
  story.decisions
    .filter(({ data }) => data.changed.some((what) => what === 'replicas' || what === 'mode'))
    .map(({ atMs, data }) => `${(atMs - startMs) / 1000} s: ${data.to} ${data.mode}`);

const asked = (story: DeciderStory): number => story.decisions.at(-1)?.data.to ?? 0;

const routings = (decisions: readonly Decided[]): string[] =>
  decisions
    .filter(({ data }) => data.changed.includes('routing'))
    .map(({ atMs, data }) => `${(atMs - startMs) / 1000} s: ${data.routing}`);

/** A workload that was asked for `pods`, has them, and is decided once more at 2 s. */
const upWith = (pods: number, settings: Settings): DeciderStory => {
  const story = new DeciderStory().workload({ ...settings, initialScale: pods });
  story.tick(0);
  story.pods(pods, 1).tick(2, { stable: pods * 10 });
  return story;
};

/** Pods that were asked for and are not ready. */
const starting = (story: DeciderStory, names: readonly string[], atS: number): void => {
  const place = { address: null, metricsAddress: null, createdAtMs: startMs };
  for (const pod of names) story.event('PodAppeared', { pod, ...place }, atS);
};

const ticks = (story: DeciderStory, fromS: number, untilS: number): void => {
  for (let nowS = fromS; nowS <= untilS; nowS += 2) story.tick(nowS);
};

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `new-${at}`);

const stories: Record<FixName, FixStory> = {
  burst: {
    play: (settings) => {
      const story = new DeciderStory().workload(settings);
      story.tick(0);
      story.poke(10.4, { stable: 0.4, inFlight: 50 });
      return told(story);
    },
    knative: ['0 s: 0 stable', '10.4 s: 1 stable'],
    flyball: ['0 s: 0 stable', '10.4 s: 5 panic'],
  },
  'hold-unsure': {
    play: (settings) => {
      const story = upWith(3, { ...settings, targetBurstCapacity: -1 }).routed('activator', 2);
      for (let nowS = 4; nowS <= 100; nowS += 2) {
        story.tick(nowS, { stable: null, seen: 'blind' });
        story.pods(asked(story), nowS + 1);
      }
      return told(story);
    },
    knative: ['0 s: 3 stable', '4 s: 1 stable', '64 s: 0 stable'],
    flyball: ['0 s: 3 stable'],
  },
  adoption: {
    play: (settings) => {
      const story = new DeciderStory().workload(settings, 5);
      story.tick(2, { stable: 1 });
      ticks(story, 4, 64);
      return told(story);
    },
    knative: ['2 s: 5 panic', '62 s: 2 stable'],
    flyball: ['2 s: 5 stable', '62 s: 2 stable'],
  },
  tolerance: {
    play: (settings) => {
      const story = upWith(5, { ...settings, panicThreshold: 10 });
      for (const [at, stable] of [50.4, 49.8, 50.9, 49.9].entries()) {
        story.tick(4 + 2 * at, { stable });
      }
      return told(story);
    },
    knative: ['0 s: 5 stable', '4 s: 6 stable', '6 s: 5 stable', '8 s: 6 stable', '10 s: 5 stable'],
    flyball: ['0 s: 5 stable'],
  },
  'delay-follows-policy': {
    play: (settings) => {
      const story = upWith(4, settings);
      story.policy({ ...settings, scaleDownDelayMs: 10_000 }, 3);
      story.tick(4, { stable: 40 });
      story.tick(6, { stable: 15 });
      ticks(story, 8, 20);
      return told(story);
    },
    knative: ['0 s: 4 stable', '6 s: 2 stable'],
    flyball: ['0 s: 4 stable', '14 s: 2 stable'],
  },
  'zero-behind-activator': {
    play: (settings) => {
      const story = upWith(1, { ...settings, targetBurstCapacity: -1 });
      story.tick(4, { stable: 0 });
      ticks(story, 6, 100);
      story.routed('activator', 101);
      ticks(story, 102, 140);
      return told(story);
    },
    knative: ['0 s: 1 stable', '92 s: 0 stable'],
    flyball: ['0 s: 1 stable', '102 s: 0 stable'],
  },
  'active-when-wanted': {
    play: (settings) => {
      const story = new DeciderStory().workload(settings).routed('activator', 0);
      // The first request was given up before its pod came up.
      story.poke(1, { stable: 0.1, inFlight: 1 });
      story.tick(2, { stable: 0 });
      ticks(story, 4, 60);
      return told(story);
    },
    knative: ['1 s: 1 stable', '30 s: 0 stable'],
    flyball: ['1 s: 1 stable'],
  },
  'initial-within-max': {
    play: (settings) => {
      const story = new DeciderStory().workload({ ...settings, initialScale: 5, maxScale: 3 });
      story.tick(0);
      story.pods(asked(story), 1).tick(2, { stable: 5 });
      ticks(story, 4, 8);
      return told(story);
    },
    knative: ['0 s: 5 stable', '4 s: 2 stable'],
    flyball: ['0 s: 3 stable', '4 s: 1 stable'],
  },
  'true-ratio': {
    play: (settings) => {
      // One request at a time, 70 % of it: one long request is 1.43 times what one pod should take.
      const one = { totalValue: 1, targetValue: 0.7, containerConcurrency: 1 };
      const story = new DeciderStory().workload({ ...settings, ...one, initialScale: 1 });
      story.tick(0);
      story.pods(1, 1).tick(2, { stable: 0.1 });
      story.tick(8, { stable: 0.2, panic: 1 });
      story.pods(2, 9).tick(10, { stable: 0.2, panic: 0.5 });
      ticks(story, 12, 70);
      return told(story);
    },
    knative: ['0 s: 1 stable', '8 s: 2 panic', '70 s: 1 stable'],
    flyball: ['0 s: 1 stable'],
  },
  'starting-pods': {
    play: (settings) => {
      const story = upWith(2, settings);
      story.tick(4, { stable: 40, panic: 30 });
      starting(story, names(2), 4.1);
      // Twice what the two ready pods take: the two that are coming were asked for that.
      story.tick(6, { stable: 40, panic: 42 });
      story.tick(8, { stable: 4 });
      ticks(story, 10, 70);
      return told(story);
    },
    knative: ['0 s: 2 stable', '4 s: 4 stable', '6 s: 5 panic', '68 s: 1 stable'],
    flyball: ['0 s: 2 stable', '4 s: 4 stable', '8 s: 2 stable', '10 s: 1 stable'],
  },
  'panic-exit': {
    play: (settings) => {
      const story = upWith(1, { ...settings, stableWindowMs: 20_000, panicWindowMs: 2_000 });
      story.tick(4, { stable: 20, panic: 100 });
      starting(story, names(9), 4.1);
      story.tick(6, { stable: 50, panic: 100 });
      story.tick(14, { stable: 40, panic: 4 });
      story.tick(26, { stable: 4 });
      ticks(story, 28, 34);
      for (const pod of names(asked(story) - 1)) story.event('PodReady', { pod }, 35);
      story.tick(36);
      return told(story);
    },
    knative: ['0 s: 1 stable', '4 s: 10 panic', '28 s: 1 stable'],
    flyball: ['0 s: 1 stable', '4 s: 10 panic', '36 s: 5 stable'],
  },
  'routing-hysteresis': {
    play: (settings) => {
      const story = upWith(3, { ...settings, targetBurstCapacity: 20, minScale: 3 });
      // 30 in all, 20 of them kept free: 10 may be in flight.
      for (const [at, stable] of [9.5, 10.5, 9.5, 10.5, 9.5, 7].entries()) {
        story.tick(4 + 2 * at, { stable });
      }
      return routings(story.decisions);
    },
    knative: [
      ...['0 s: pods', '2 s: activator', '4 s: pods', '6 s: activator'],
      ...['8 s: pods', '10 s: activator', '12 s: pods'],
    ],
    flyball: ['0 s: activator', '14 s: pods'],
  },
};

const playedWithout = (name: FixName): readonly string[] => {
  const inForce = fixesByAlgorithm[currentAlgorithm] as Set<FixName>;
  inForce.delete(name);
  try {
    return stories[name].play({});
  } finally {
    inForce.add(name);
  }
};

describe.each(fixes)('fix $number, $name: $what', ({ name, since }) => {
  const { play, knative, flyball } = stories[name];

  it('Knative decides as Knative', () => {
    expect(play({ behaviour: 'knative' })).toEqual(knative);
  });

  it('ours decides otherwise', () => {
    expect(play({})).toEqual(flyball);
    expect(flyball).not.toEqual(knative);
  });

  it('it is this fix that makes the difference', () => {
    expect(playedWithout(name)).not.toEqual(flyball);
  });

  test.each(knownAlgorithms)('and algorithm %d has it only if it is not older', (algorithm) => {
    const answer = play({ algorithm });
    if (algorithm >= since) expect(answer).toEqual(flyball);
    else expect(answer).not.toEqual(flyball);
  });
});

describe('the list', () => {
  it('is numbered from 1, each name once, each with one sentence', () => {
    expect(fixes.map(({ number }) => number)).toEqual(fixes.map((_, at) => at + 1));
    expect(new Set(fixes.map(({ name }) => name)).size).toBe(fixes.length);
    for (const { what } of fixes) expect(what).toMatch(/^[A-Z][^.]+\.$/);
  });

  it('has a story for each', () => {
    expect(Object.keys(stories)).toEqual(fixes.map(({ name }) => name));
  });

  it('algorithm 1 has 1 to 8, algorithm 2 all twelve, and it is the one that is used', () => {
    const numbersOf = (algorithm: number) =>
      fixes.filter(({ name }) => fixesByAlgorithm[algorithm]?.has(name)).map((fix) => fix.number);
    expect(numbersOf(1)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(numbersOf(2)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(knownAlgorithms).toEqual([1, 2]);
    expect(currentAlgorithm).toBe(2);
    expect(storyPolicy.algorithm).toBe(2);
  });

  it('a workload of an algorithm that is not known is left as it is', () => {
    expect(algorithmOf(3)).toBeUndefined();
    const story = new DeciderStory().workload({ algorithm: 3 });
    expect(story.tick(2, { stable: 50 })).toEqual([]);
    story.policy({ algorithm: 2 }, 3);
    expect(story.tick(4)[0]?.data).toMatchObject({ to: 5 });
  });
});
