/** What a decision may be, whatever came before: for both behaviours and every algorithm. */
import type { Policy } from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Act, act, load, policySettings, told } from '../testing/decider-acts.ts';
import { type Decided, DeciderStory, startMs, storyWorkload } from '../testing/decider-story.ts';
import { deciderSnapshot, deciderStateFrom } from './decider-state.ts';

fc.configureGlobal({ seed: 20_260_722, numRuns: 150 });

const begun = fc.record({ settings: policySettings, adopted: fc.integer({ min: 0, max: 6 }) });
const acts = fc.array(act, { maxLength: 60, size: 'max' });

/** One policy, one workload, all the time: what is said of them holds for every decision. */
const staying = (history: readonly Act[]): readonly Act[] =>
  history.filter(({ act }) => !['policy', 'appear', 'gone'].includes(act));

const lived = (
  { settings, adopted }: { readonly settings: Partial<Policy>; readonly adopted: number },
  history: readonly Act[],
): DeciderStory => told(staying(history), new DeciderStory().workload(settings, adopted));

const json = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

/** Was the load judged, or did an earlier answer stand? */
const isJudged = ({ data }: Decided): boolean => !data.rules[0]?.rule.startsWith('hold-');

/** The pods that growing and shrinking count from, as they are written in the decision. */
const limitsOf = (
  { data }: Decided,
  { behaviour, algorithm, maxScaleUpRate, maxScaleDownRate }: Policy,
  adopted: number,
): { readonly mostPods: number; readonly leastPods: number } => {
  const { readyPods, startingPods, reachable } = data.inputs;
  const asked = Math.max(0, (data.from ?? adopted) - readyPods);
  const counts = behaviour === 'flyball' && algorithm >= 2;
  const coming = counts ? Math.min(startingPods, asked) : 0;
  const growth = Math.ceil(maxScaleUpRate * Math.max(1, readyPods));
  return {
    mostPods: coming > 0 ? Math.max(growth, readyPods + coming) : growth,
    leastPods: reachable ? Math.floor(Math.max(1, readyPods + coming) / maxScaleDownRate) : 0,
  };
};

describe('bounds', () => {
  it('never more than the max scale, never fewer than the min scale', () => {
    fc.assert(
      fc.property(begun, acts, (begin, history) => {
        const { maxScale = 0, minScale = 0 } = begin.settings;
        for (const decided of lived(begin, history).decisions) {
          const { to, inputs, binding, from } = decided.data;
          // Who cannot see takes nothing away, and on the way to zero what is there waits.
          const waits = binding.startsWith('hold-') || binding === 'grace';
          if (!isJudged(decided) || (waits && to === (from ?? begin.adopted))) continue;
          if (maxScale > 0) expect(to).toBeLessThanOrEqual(maxScale);
          const floor = maxScale > 0 ? Math.min(minScale, maxScale) : minScale;
          if (inputs.reachable) expect(to).toBeGreaterThanOrEqual(floor);
        }
      }),
    );
  });

  it('the load’s number is held to the rates before anything lifts it', () => {
    const byLoad = new Set(['need', 'tolerance', 'rate-up', 'rate-down']);
    fc.assert(
      fc.property(begun, acts, (begin, history) => {
        for (const decided of lived(begin, history).decisions.filter(isJudged)) {
          const limits = limitsOf(decided, { ...storyPolicy, ...begin.settings }, begin.adopted);
          const held = decided.data.rules.filter(({ rule }) => byLoad.has(rule)).at(-1)?.to ?? -1;
          expect(held).toBeLessThanOrEqual(Math.max(limits.mostPods, limits.leastPods));
          expect(held).toBeGreaterThanOrEqual(limits.leastPods);
        }
      }),
    );
  });

  it('nothing grows past the rate but to what was asked before or a bound demands', () => {
    fc.assert(
      fc.property(begun, acts, (begin, history) => {
        const policy = { ...storyPolicy, ...begin.settings };
        const { minScale, initialScale, activationScale } = policy;
        let asked = Math.max(begin.adopted, minScale, initialScale, activationScale);
        for (const decided of lived(begin, history).decisions) {
          const { to } = decided.data;
          const { mostPods, leastPods } = limitsOf(decided, policy, begin.adopted);
          expect(to).toBeLessThanOrEqual(Math.max(mostPods, leastPods, asked));
          asked = Math.max(asked, to);
        }
      }),
    );
  });

  it('nothing shrinks past the rate but to the max scale', () => {
    fc.assert(
      fc.property(begun, acts, (begin, history) => {
        const policy = { ...storyPolicy, ...begin.settings };
        const most = policy.maxScale > 0 ? policy.maxScale : Number.POSITIVE_INFINITY;
        for (const decided of lived(begin, history).decisions.filter(isJudged)) {
          const { leastPods } = limitsOf(decided, policy, begin.adopted);
          expect(decided.data.to).toBeGreaterThanOrEqual(Math.min(leastPods, most));
        }
      }),
    );
  });
});

describe('load', () => {
  const some = load.filter((each) => each > 0);

  /** What is asked for after one more row, from where the story stands. */
  const answer = (story: DeciderStory, row: { stable: number; panic: number }, poke?: number) => {
    const fork = new DeciderStory();
    const state = json(deciderSnapshot(story.state));
    fork.state = deciderStateFrom(state, 0) ?? fork.state;
    const atS = (story.inputs.at(-1)?.atMs ?? 0) / 1000 - startMs / 1000 + 2;
    if (poke === undefined) fork.tick(atS, row);
    else fork.poke(atS, { ...row, inFlight: poke });
    return fork.state.workloads[storyWorkload]?.asked ?? 0;
  };

  const ordered = (one: number, other: number) => [Math.min(one, other), Math.max(one, other)];

  it('more of it never means fewer, from the same state, at a tick', () => {
    const rows = fc.tuple(some, some, some, some);
    fc.assert(
      fc.property(begun, acts, rows, (begin, history, [one, other, third, fourth]) => {
        const story = told(history, new DeciderStory().workload(begin.settings, begin.adopted));
        // Without load the gate to zero holds what is there until it may go: not compared.
        const [lessStable = 0, moreStable = 0] = ordered(one, other);
        const [lessPanic = 0, morePanic = 0] = ordered(third, fourth);
        const less = answer(story, { stable: lessStable, panic: lessPanic });
        expect(answer(story, { stable: moreStable, panic: morePanic })).toBeGreaterThanOrEqual(
          less,
        );
      }),
    );
  });

  it('more in flight never means fewer, from the same state, at a poke', () => {
    const flights = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }));
    fc.assert(
      fc.property(begun, acts, some, flights, (begin, history, stable, [one, other]) => {
        const story = told(history, new DeciderStory().workload(begin.settings, begin.adopted));
        const row = { stable, panic: stable };
        const [few = 0, many = 0] = ordered(one, other);
        expect(answer(story, row, many)).toBeGreaterThanOrEqual(answer(story, row, few));
      }),
    );
  });

  /** One load after another; what is asked for starts for some ticks before it is ready. */
  const settled = (
    settings: Partial<Policy>,
    [before, after]: readonly [number, number],
    startTicks: number,
  ): number[] => {
    const story = new DeciderStory().workload(settings);
    const asked: number[] = [];
    for (let nowS = 2; nowS < 600; nowS += 2) {
      story.tick(nowS, { stable: nowS < 100 ? before : after });
      const now = story.state.workloads[storyWorkload]?.asked ?? 0;
      asked.push(now);
      const ready = Math.min(now, asked.at(-1 - startTicks) ?? 0);
      story.routed(story.decisions.at(-1)?.data.routing ?? 'pods', nowS);
      story.pods(ready, nowS + 1).starting(now - ready, nowS + 1);
    }
    return asked.slice(-60);
  };

  it('that stays makes replicas that stay, and are what it needs', () => {
    const starts = fc.integer({ min: 0, max: 10 });
    fc.assert(
      fc.property(policySettings, load, load, starts, (settings, before, stable, startTicks) => {
        const last = settled(settings, [before, stable], startTicks);
        expect(new Set(last).size).toBe(1);
        const policy = { ...storyPolicy, ...settings };
        const { targetValue, minScale, maxScale, activationScale, enableScaleToZero } = policy;
        const tolerance = policy.behaviour === 'flyball' ? policy.tolerance : 0;
        const bounded = (pods: number): number => {
          const asleep = enableScaleToZero ? 0 : 1;
          const active = stable > 0 ? Math.max(pods, activationScale, 1) : asleep;
          const floored = Math.max(active, minScale);
          return maxScale > 0 ? Math.min(floored, maxScale) : floored;
        };
        const least = Math.ceil(stable / (targetValue * (1 + tolerance)) - 1e-9);
        const most = Math.floor(stable / (targetValue * (1 - tolerance)) + 1e-9);
        const need = Math.ceil(stable / targetValue);
        expect(last[0]).toBeGreaterThanOrEqual(bounded(Math.min(need, least)));
        expect(last[0]).toBeLessThanOrEqual(bounded(Math.max(need, most)));
      }),
      { numRuns: 100 },
    );
  });
});

it('blind and not poked, nothing is ever taken away, not even by a new policy', () => {
  const ours = (each: Act): Act =>
    each.act === 'policy' ? { ...each, policy: { ...each.policy, behaviour: 'flyball' } } : each;
  fc.assert(
    fc.property(begun, acts, ({ settings, adopted }, history) => {
      const story = new DeciderStory().workload({ ...settings, behaviour: 'flyball' }, adopted);
      told(history.filter(({ act }) => act !== 'appear' && act !== 'gone').map(ours), story);
      for (const { data } of story.decisions) {
        if (data.inputs.seen !== 'blind' || (data.inputs.inFlight ?? 0) > 0) continue;
        expect(data.to).toBeGreaterThanOrEqual(data.from ?? adopted);
      }
    }),
  );
});
