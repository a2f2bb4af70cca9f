/** One story for each rule of algorithm 1, with the numbers that Knative gives. */
import { storyPolicy } from '@flyball/contracts/testing';
import { describe, expect, it } from 'vitest';
import { type Decided, DeciderStory, replicasOf } from '../../testing/decider-story.ts';
import { activatorCount, excessBurstCapacity } from './capacity.ts';

/** A workload that is up with `pods`, decided once. */
const upWith = (pods: number, settings = {}): DeciderStory => {
  const story = new DeciderStory().workload({ behaviour: 'knative', ...settings });
  story.tick(0);
  story.poke(1, { stable: pods * 10, inFlight: 1 });
  story.pods(pods, 1.5).tick(2, { stable: pods * 10 });
  return story;
};

const rulesOf = (decided: Decided | undefined): string[] =>
  (decided?.data.rules ?? []).map(({ rule }) => rule);

const asked = (story: DeciderStory): number => story.state.workloads['default/web']?.asked ?? -1;

describe('rates', () => {
  it('rate-up: at most ceil(rate × ready) at once, from one when there is none', () => {
    const story = new DeciderStory().workload({ maxScaleUpRate: 3, panicThreshold: 1000 });
    const [first] = story.poke(1, { stable: 100, inFlight: 100 });
    expect(first?.data).toMatchObject({ to: 3, binding: 'rate-up' });
    story.pods(3, 2);
    expect(replicasOf(story.tick(4))).toEqual([9]);
  });

  it('rate-down: at least floor(ready ÷ rate) stay; none of it when unreachable', () => {
    const calm = { panicThreshold: 1000 };
    const story = upWith(9, calm);
    expect(story.tick(4, { stable: 1 })[0]?.data).toMatchObject({ to: 4, binding: 'rate-down' });
    const unreached = upWith(9, calm);
    unreached.event('WorkloadUnreachable', {}, 3);
    expect(replicasOf(unreached.tick(4, { stable: 1 }))).toEqual([1]);
  });

  it('activation-scale lifts any load to itself, past the growth rate, but not none', () => {
    const story = new DeciderStory().workload({ activationScale: 4, maxScaleUpRate: 2 });
    expect(replicasOf(story.tick(1, { stable: 0.01, panic: 0 }))).toEqual([4]);
    const none = new DeciderStory().workload({ activationScale: 4 });
    expect(replicasOf(none.tick(1, { stable: 0 }))).toEqual([0]);
  });
});

describe('panic', () => {
  it('counts the short window and names the rule', () => {
    const story = upWith(1);
    const [decided] = story.tick(70, { stable: 12, panic: 49 });
    expect(rulesOf(decided)).toEqual(['need', 'panic']);
    expect(decided?.data).toMatchObject({ to: 5, mode: 'panic' });
  });

  it('is entered by the pods rounded up: 11 of 10 on one pod, 15 of 20 on two not', () => {
    expect(upWith(1).tick(70, { stable: 11 })[0]?.data.mode).toBe('panic');
    const two = upWith(2, { panicThreshold: 2 });
    two.tick(70, { stable: 10 });
    expect(two.tick(200, { stable: 30 })[0]?.data.mode).toBe('stable');
  });

  it('holds 60 s after the last time over, and is over 62 s after it, without any row', () => {
    const story = upWith(1);
    story.tick(70, { stable: 30 });
    story.pods(3, 71).tick(72, { stable: 10 });
    for (let nowS = 74; nowS <= 130; nowS += 2) expect(story.tick(nowS)).toEqual([]);
    expect(story.tick(132)[0]?.data).toMatchObject({
      to: 1,
      mode: 'stable',
      changed: expect.arrayContaining(['mode']),
    });
  });

  it('knative starts in it when it came with more than one pod; flyball adopts instead', () => {
    const knative = new DeciderStory().workload({ behaviour: 'knative' }, 5);
    expect(knative.tick(2, { stable: 1 })[0]?.data).toMatchObject({ to: 5, mode: 'panic' });
    const one = new DeciderStory().workload({ behaviour: 'knative' }, 1);
    expect(one.tick(2, { stable: 1 })[0]?.data).toMatchObject({ to: 1, mode: 'stable' });
    const flyball = new DeciderStory().workload({}, 5);
    expect(flyball.tick(2, { stable: 1 })[0]?.data).toMatchObject({ to: 5, mode: 'stable' });
  });
});

describe('scale-down-delay', () => {
  const delayed = { scaleDownDelayMs: 5_000, panicThreshold: 1000 };

  it('keeps the largest want of ceil(delay ÷ 2 s) slots, without any row', () => {
    const story = upWith(4, delayed);
    // Slots of 2 s: 2, 4 and 6 remember the want of 2; 8 does not.
    expect(story.tick(4, { stable: 21 })).toEqual([]);
    expect(story.tick(6)).toEqual([]);
    expect(story.tick(8)[0]?.data).toMatchObject({ to: 3 });
  });

  it('remembers a want that no row has repeated for long', () => {
    const story = upWith(4, delayed);
    for (let nowS = 4; nowS <= 40; nowS += 2) story.tick(nowS);
    const [held] = story.tick(42, { stable: 21 });
    expect(held?.data).toMatchObject({ to: 4, binding: 'scale-down-delay', changed: ['reason'] });
  });

  it('a delay that is changed reaches flyball, not knative', () => {
    for (const [behaviour, to] of [
      ['flyball', 4],
      ['knative', 3],
    ] as const) {
      const story = upWith(4, { behaviour, panicThreshold: 1000 });
      story.policy({ behaviour, ...delayed }, 3);
      story.tick(4, { stable: 40 });
      story.tick(6, { stable: 21 });
      expect(asked(story)).toBe(to);
    }
  });
});

describe('the gate to zero', () => {
  it('one pod stays until it was up for a stable window', () => {
    const story = upWith(2, { maxScaleDownRate: 10, panicThreshold: 1000 });
    const [decided] = story.tick(40, { stable: 0 });
    expect(decided?.data).toMatchObject({ to: 1, binding: 'stable-window' });
  });

  it('the retention keeps the last pod beyond the grace, unless unreachable', () => {
    const kept = (reachable: boolean): DeciderStory => {
      const story = upWith(1, { scaleToZeroPodRetentionPeriodMs: 100_000 });
      if (!reachable) story.event('WorkloadUnreachable', {}, 3);
      story.routed('activator', 3).tick(70, { stable: 0 });
      for (let nowS = 72; nowS <= 168; nowS += 2) story.tick(nowS);
      return story;
    };
    expect(asked(kept(false))).toBe(0);
    const story = kept(true);
    expect(asked(story)).toBe(1);
    expect(story.tick(170)[0]?.data).toMatchObject({ to: 0, binding: 'to-zero' });
  });

  it('what never comes up is given up after 630 s, not before', () => {
    const story = new DeciderStory().workload();
    story.poke(1, { stable: 1, inFlight: 1 });
    story.routed('activator', 1).tick(2, { stable: 0 });
    for (let nowS = 4; nowS <= 630; nowS += 2) story.tick(nowS);
    expect(asked(story)).toBe(1);
    story.tick(632);
    expect(asked(story)).toBe(0);
  });
});

describe('routing', () => {
  it('counts spare capacity and activators as Knative does', () => {
    expect(excessBurstCapacity(storyPolicy, 0, 5)).toBe(-216);
    expect(excessBurstCapacity(storyPolicy, 30, 5.5)).toBe(83);
    expect(excessBurstCapacity({ ...storyPolicy, targetBurstCapacity: -1 }, 30, 5)).toBe(-1);
    expect(excessBurstCapacity({ ...storyPolicy, targetBurstCapacity: 0 }, 0, 5)).toBe(0);
    const small = { ...storyPolicy, totalValue: 30, activatorCapacity: 50 };
    expect(activatorCount(small, 10)).toBe(11);
    expect(activatorCount({ ...small, targetBurstCapacity: -1 }, 10)).toBe(6);
    expect(activatorCount({ ...small, targetBurstCapacity: 0 }, 10)).toBe(2);
  });

  it('leaves the path when there is spare capacity, and comes back without', () => {
    const story = upWith(2, { targetBurstCapacity: 5, panicThreshold: 1000 });
    expect(story.tick(4, { stable: 14 })[0]?.data).toMatchObject({ routing: 'pods' });
    expect(story.tick(6, { stable: 16 })[0]?.data).toMatchObject({
      routing: 'activator',
      excessBurstCapacity: -1,
      changed: ['routing'],
    });
  });
});

describe('what is told', () => {
  it('a reason that wavers with the load is told once an interval, not each tick', () => {
    const story = upWith(1, { maxScale: 3, panicThreshold: 1000 });
    story.pods(3, 2).tick(4, { stable: 30 });
    const before = story.decisions.length;
    for (let nowS = 6; nowS < 66; nowS += 4) {
      story.tick(nowS, { stable: 31 });
      story.tick(nowS + 2, { stable: 29 });
    }
    expect(story.decisions.length - before).toBeLessThanOrEqual(7);
    expect(story.decisions.length - before).toBeGreaterThan(0);
  });

  it('a workload that is told again as it is keeps what is known of it', () => {
    const story = upWith(3);
    const again = { uid: 'u1', replicas: 3, createdAtMs: 0, adopted: true, resourceVersion: '2' };
    story.event('WorkloadAppeared', again, 5);
    expect(story.tick(6, { stable: 30 })).toEqual([]);
    story.event('WorkloadAppeared', { ...again, uid: 'u2', replicas: 0, adopted: false }, 7);
    expect(story.tick(8)[0]?.data).toMatchObject({ from: null });
  });

  it('a wake without a decider is taken over, not undone', () => {
    const story = new DeciderStory().workload();
    story.tick(0);
    const woken = { from: 0, to: 1, decisionId: 'w', appliedAtMs: 1, attempt: 1 };
    story.event('ScaleApplied', { ...woken, resourceVersion: '3', because: 'woken' }, 1);
    expect(story.tick(2, { stable: 0.2 })[0]?.data).toMatchObject({ from: 0, to: 1 });
  });
});
