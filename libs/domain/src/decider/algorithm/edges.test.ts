/** The decider at the edges of its rules, where only a single number tells them apart. */

import { events } from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import { describe, expect, it } from 'vitest';
import { DeciderStory, replicasOf, startMs } from '../../testing/decider-story.ts';
import { activatorCount } from './capacity.ts';
import { recordWant } from './delay-window.ts';

const calm = { panicThreshold: 1000 };
const knative = { behaviour: 'knative' } as const;

/** So many pods that are there and not ready yet. */
const starting = (story: DeciderStory, count: number, atS: number): DeciderStory => {
  const place = { address: null, metricsAddress: null, createdAtMs: startMs };
  for (let pod = 1; pod <= count; pod += 1) {
    story.event('PodAppeared', { pod: `new-${pod}`, ...place }, atS);
  }
  return story;
};

describe('growth', () => {
  it('by a rate of 1.5 is rounded up: 3 ready become 5', () => {
    const story = new DeciderStory().workload({ ...calm, maxScaleUpRate: 1.5 }).pods(3);
    expect(replicasOf(story.tick(2, { stable: 100 }))).toEqual([5]);
  });

  it('counts ready pods only: 3 that are starting are kept, not multiplied', () => {
    const story = new DeciderStory().workload({ ...calm, maxScaleUpRate: 4 }).pods(1);
    expect(replicasOf(story.tick(2, { stable: 40 }))).toEqual([4]);
    starting(story, 3, 3).policy({ ...calm, maxScaleUpRate: 2 }, 3);
    expect(story.tick(4, { stable: 100 })).toEqual([]);
  });

  it('from zero by a single request in flight reaches the activation scale', () => {
    const story = new DeciderStory().workload({ activationScale: 4 });
    expect(replicasOf(story.poke(1, { stable: 0, inFlight: 1 }))).toEqual([4]);
  });
});

describe('what is far too much', () => {
  it.each([knative, {}])('asks for what a Deployment can hold, and can be recorded: %o', (how) => {
    const settings = { ...how, maxScaleUpRate: 1e300, targetValue: 0.01, totalValue: 0.01 };
    const story = new DeciderStory().workload(settings);
    const [decided] = story.tick(2, { stable: 9e12 });
    expect(decided?.data).toMatchObject({ to: 2_147_483_647, binding: 'replicas-max' });
    expect(events.Decided.schema.safeParse(decided?.data).error).toBeUndefined();
    const floored = new DeciderStory().workload({ ...how, minScale: 3_000_000_000 });
    expect(replicasOf(floored.tick(2, { stable: 1 }))).toEqual([2_147_483_647]);
  });
});

describe('a min scale of 3 above a max scale of 2', () => {
  it.each([
    ['knative', [3, 2, 2]],
    ['flyball', [2, 2, 2]],
  ] as const)('under behaviour %s with a load for 1, 3 and 5 pods: %j', (behaviour, answers) => {
    const asked = [10, 30, 50].map((stable) => {
      const story = new DeciderStory().workload({ ...calm, behaviour, minScale: 3, maxScale: 2 });
      return story.pods(2).tick(2, { stable }).at(-1)?.data.to;
    });
    expect(asked).toEqual(answers);
  });
});

describe('the scale-down delay', () => {
  it('remembers nothing of the time in which nothing led to the workload', () => {
    const story = new DeciderStory().workload({ ...calm, scaleDownDelayMs: 60_000 }).pods(1);
    story.event('WorkloadUnreachable', {}, 1);
    expect(replicasOf(story.tick(2, { stable: 80 }))).toEqual([8]);
    story.event('WorkloadReachable', {}, 3);
    expect(replicasOf(story.tick(4, { stable: 10 }))).toEqual([1]);
  });

  it('holds nothing where nothing leads to the workload any more', () => {
    const story = new DeciderStory().workload({ ...calm, scaleDownDelayMs: 60_000 }).pods(1);
    expect(replicasOf(story.tick(2, { stable: 80 }))).toEqual([8]);
    story.event('WorkloadUnreachable', {}, 3);
    expect(replicasOf(story.tick(4, { stable: 10 }))).toEqual([1]);
  });

  it('that is taken away forgets what it remembered', () => {
    expect(recordWant([[1, 8]], { atMs: 4_000, pods: 1, slotCount: 0 })).toEqual([]);
  });
});

describe('the initial scale', () => {
  it('of more than one is not started where nothing leads to the workload', () => {
    const story = new DeciderStory().workload({ ...calm, initialScale: 4 });
    story.event('WorkloadUnreachable', {}, 1);
    expect(replicasOf(story.tick(2, { stable: 10 }))).toEqual([1]);
  });
});

describe('without sight', () => {
  it('an average that nobody watched is no load', () => {
    const story = new DeciderStory().workload(calm).pods(2);
    expect(replicasOf(story.tick(2, { stable: 20 }))).toEqual([2]);
    expect(story.tick(4, { stable: 50, seen: 'unobserved' })).toEqual([]);
  });

  it('ours keeps the min scale, Knative leaves an adopted workload alone', () => {
    const nothing = { stable: null, seen: 'unobserved' } as const;
    const ours = new DeciderStory().workload({ minScale: 3 }, 1);
    expect(replicasOf(ours.tick(2, nothing))).toEqual([3]);
    const theirs = new DeciderStory().workload({ ...knative, minScale: 3 }, 1);
    expect(replicasOf(theirs.tick(2, nothing))).toEqual([1]);
  });
});

describe('panic', () => {
  it('is not begun by requests in flight where requests per second count', () => {
    const story = new DeciderStory().workload({ metric: 'rps' });
    const [decided] = story.poke(1, { stable: 1, inFlight: 50 });
    expect(decided?.data).toMatchObject({ to: 1, mode: 'stable' });
  });

  it('with nothing ready begins at what one pod cannot take at all', () => {
    const seventy = { totalValue: 10, targetValue: 7, targetUtilization: 0.7 };
    const [more] = new DeciderStory().workload(seventy).poke(1, { stable: 0.1, inFlight: 12 });
    expect(more?.data).toMatchObject({ to: 2, mode: 'panic' });
    const [enough] = new DeciderStory().workload(seventy).poke(1, { stable: 0.1, inFlight: 10 });
    expect(enough?.data).toMatchObject({ to: 1, mode: 'stable' });
  });

  it('waits for pods that never come up until the progress deadline, no longer', () => {
    const story = new DeciderStory().workload({ progressDeadlineMs: 100_000 }).pods(1);
    story.tick(2, { stable: 10 });
    expect(story.tick(70, { stable: 50 })[0]?.data).toMatchObject({ to: 5, mode: 'panic' });
    starting(story, 4, 71).tick(72, { stable: 10 });
    expect(story.tick(170)).toEqual([]);
    expect(story.tick(172)[0]?.data.mode).toBe('stable');
  });

  it('in Knative has no tolerance: 20.3 in the short window asks for a third pod', () => {
    const story = new DeciderStory().workload(knative).pods(1);
    expect(replicasOf(story.tick(2, { stable: 20 }))).toEqual([2]);
    expect(replicasOf(story.tick(4, { stable: 20, panic: 20.3 }))).toEqual([3]);
  });
});

it('activators: a target burst capacity of -1 takes nothing from what they carry', () => {
  const policy = { ...storyPolicy, targetBurstCapacity: -1, totalValue: 10 };
  expect(activatorCount({ ...policy, activatorCapacity: 14.6 }, 3)).toBe(3);
});
