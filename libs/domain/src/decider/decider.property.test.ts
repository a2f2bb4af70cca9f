/** Laws of the decider, on arbitrary histories. */
import { type EventDataByName, events, type RecordedEvent } from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyDecisions } from '../replay/verify-decisions.ts';
import { act, load, policySettings, told } from '../testing/decider-acts.ts';
import { DeciderStory, storyWorkload } from '../testing/decider-story.ts';
import { deciderSnapshot, deciderStateFrom } from './decider-state.ts';

fc.configureGlobal({ seed: 20_260_722, numRuns: 150 });

const begun = fc
  .tuple(policySettings, fc.integer({ min: 0, max: 6 }))
  .map(([settings, adopted]) => ({
    settings,
    adopted,
  }));
const acts = fc.array(act, { maxLength: 60 });

const json = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

describe('on arbitrary histories', () => {
  it('never throws, whatever the order, and every decision fits its schema', () => {
    fc.assert(
      fc.property(acts, (history) => {
        for (const { data } of told(history).decisions) {
          expect(events.Decided.schema.safeParse(json(data)).error).toBeUndefined();
        }
      }),
    );
  });

  it('takes events of every type in any order', () => {
    const anyEvent = fc.record({
      type: fc.constantFrom(...(Object.keys(events) as (keyof EventDataByName)[])),
      known: fc.boolean(),
    });
    const data = {
      ...{ pod: 'p', replicas: 1, adopted: false, uid: 'u', routing: 'pods', appliedAtMs: 0 },
      ...{ because: 'woken', to: 1, policy: storyPolicy, kind: 'tick', part: 1, parts: 1 },
      ...{ from: 0, mode: 'stable', binding: 'need', reason: 'r' },
      rows: {
        ...{ workloads: [storyWorkload], stableMilli: [1], panicMilli: [1], seen: ['measured'] },
        ...{ coveredAtMs: [null], inFlight: [null], traceparents: [null] },
      },
    };
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (list) => {
        const story = new DeciderStory();
        for (const [index, { type, known }] of list.entries()) {
          const event = {
            id: `a${index}`,
            type,
            data,
            partition: 0,
            atMs: index * 2000,
            seq: index,
          };
          story.input({
            ...event,
            ...(known ? { workload: storyWorkload } : {}),
          } as never as RecordedEvent);
        }
      }),
    );
  });

  it('the last rule has the decision, and each rule starts where the one before ended', () => {
    fc.assert(
      fc.property(begun, acts, ({ settings, adopted }, history) => {
        const story = told(history, new DeciderStory().workload(settings, adopted));
        for (const { data } of story.decisions) {
          expect(data.rules.at(-1)).toMatchObject({ rule: data.binding, to: data.to });
          for (const [index, rule] of data.rules.entries()) {
            expect(rule.from).toBe(index === 0 ? null : data.rules[index - 1]?.to);
          }
        }
      }),
    );
  });

  it('re-deciding gives what was decided', () => {
    fc.assert(
      fc.property(begun, acts, ({ settings, adopted }, history) => {
        const story = told(history, new DeciderStory().workload(settings, adopted));
        expect(verifyDecisions(json(story.inputs), json(story.decisions))).toEqual([]);
      }),
    );
  });

  it('a snapshot anywhere changes nothing', () => {
    fc.assert(
      fc.property(begun, acts, fc.nat(), ({ settings, adopted }, history, at) => {
        const whole = told(history, new DeciderStory().workload(settings, adopted));
        const again = new DeciderStory();
        for (const [index, input] of whole.inputs.entries()) {
          if (index === at % whole.inputs.length) {
            const restored = deciderStateFrom(json(deciderSnapshot(again.state)), 0);
            expect(restored).toBeDefined();
            again.state = restored ?? again.state;
          }
          again.input(input);
        }
        expect(again.decisions).toEqual(whole.decisions);
        expect(again.through).toEqual(whole.through);
      }),
    );
  });
});

describe('what a decision may be', () => {
  it('stays within the bounds', () => {
    fc.assert(
      fc.property(begun, acts, ({ settings, adopted }, history) => {
        const fixed = history.filter(({ act }) => !['policy', 'appear', 'gone'].includes(act));
        const story = told(fixed, new DeciderStory().workload(settings, adopted));
        for (const { data } of story.decisions) {
          const measured = data.inputs.seen === 'measured' && data.inputs.stableAverage !== null;
          if (!measured || data.binding.startsWith('hold-') || data.binding === 'grace') continue;
          if (settings.maxScale > 0) expect(data.to).toBeLessThanOrEqual(settings.maxScale);
          if (data.inputs.reachable) {
            const floor =
              settings.maxScale > 0 ? Math.min(settings.minScale, settings.maxScale) : 0;
            expect(data.to).toBeGreaterThanOrEqual(floor);
          }
        }
      }),
    );
  });

  it('never takes away while blind or while the platform is unseen', () => {
    fc.assert(
      fc.property(begun, acts, ({ settings, adopted }, history) => {
        const story = new DeciderStory().workload({ ...settings, behaviour: 'flyball' }, adopted);
        told(
          history.filter(({ act }) => !['policy', 'appear', 'gone'].includes(act)),
          story,
        );
        for (const { data } of story.decisions) {
          const poked = (data.inputs.inFlight ?? 0) > 0;
          if (data.inputs.seen === 'blind' && !poked) {
            expect(data.to).toBeGreaterThanOrEqual(data.from ?? adopted);
          }
        }
      }),
    );
  });

  it('more load never means fewer, from the same state', () => {
    fc.assert(
      fc.property(begun, acts, load, load, ({ settings, adopted }, history, less, more) => {
        const story = told(history, new DeciderStory().workload(settings, adopted));
        const answer = (stable: number): number => {
          const fork = new DeciderStory();
          fork.state = deciderStateFrom(json(deciderSnapshot(story.state)), 0) ?? fork.state;
          fork.tick(10_000, { stable });
          return fork.state.workloads[storyWorkload]?.asked ?? 0;
        };
        const [small, large] = [Math.min(less, more), Math.max(less, more)];
        // Without load the gate to zero holds what is there until it may go.
        fc.pre(small > 0);
        expect(answer(large)).toBeGreaterThanOrEqual(answer(small));
      }),
    );
  });

  it('a load that stays makes replicas that stay', () => {
    fc.assert(
      fc.property(policySettings, load, (settings, stable) => {
        const story = new DeciderStory().workload({ ...settings, behaviour: 'flyball' });
        const counts: number[] = [];
        for (let nowS = 2; nowS < 400; nowS += 2) {
          story.tick(nowS, { stable });
          const asked = story.state.workloads[storyWorkload]?.asked ?? 0;
          story.routed(story.decisions.at(-1)?.data.routing ?? 'pods', nowS).pods(asked, nowS + 1);
          if (nowS > 300) counts.push(asked);
        }
        expect(new Set(counts).size).toBe(1);
      }),
      { numRuns: 40 },
    );
  });
});
