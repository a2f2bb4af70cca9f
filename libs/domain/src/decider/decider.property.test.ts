/** Laws of the decider, on arbitrary histories. */
import { type EventDataByName, events, type RecordedEvent } from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyDecisions } from '../replay/verify-decisions.ts';
import { type Act, act, policySettings, told } from '../testing/decider-acts.ts';
import { DeciderStory, storyWorkload } from '../testing/decider-story.ts';
import { deciderSnapshot, deciderStateFrom } from './decider-state.ts';

fc.configureGlobal({ seed: 20_260_722, numRuns: 100 });

const begun = fc
  .tuple(policySettings, fc.integer({ min: 0, max: 6 }))
  .map(([settings, adopted]) => ({
    settings,
    adopted,
  }));
/** `size: 'max'`: else most lists are short, and little happens in a short life. */
const acts = fc.array(act, { maxLength: 60, size: 'max' });

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

  it('a snapshot anywhere, as JSON, changes nothing', () => {
    fc.assert(
      fc.property(begun, acts, ({ settings, adopted }, history) => {
        const whole = told(history, new DeciderStory().workload(settings, adopted));
        const again = new DeciderStory();
        for (const input of whole.inputs) {
          const restored = deciderStateFrom(json(deciderSnapshot(again.state)), 0);
          expect(restored).toBeDefined();
          again.state = restored ?? again.state;
          again.input(input);
        }
        expect(again.decisions).toEqual(whole.decisions);
        expect(again.through).toEqual(whole.through);
      }),
    );
  });
});

describe('what others do', () => {
  const other = 'default/other';

  /** What is told of another workload, without the ticks. */
  const toldOfOther = (history: readonly Act[]): readonly RecordedEvent[] =>
    told(history, new DeciderStory().workload({}, 1))
      .inputs.filter(({ type }) => type !== 'TickObserved')
      .map((event) => ({ ...event, id: `other-${event.id}`, workload: other }) as RecordedEvent);

  /** The same tick with a row of the other workload before or after. */
  const withRowOfOther = (event: RecordedEvent, first: boolean): RecordedEvent => {
    if (event.type !== 'TickObserved') return event;
    const { rows } = event.data;
    const place = <Value>(column: readonly Value[], value: Value): Value[] =>
      first ? [value, ...column] : [...column, value];
    const both = {
      workloads: place(rows.workloads, other),
      stableMilli: place(rows.stableMilli, 20_000),
      panicMilli: place(rows.panicMilli, 50_000),
      seen: place(rows.seen, 'measured' as const),
      coveredAtMs: place(rows.coveredAtMs, null),
      inFlight: place(rows.inFlight, event.data.kind === 'poke' ? 80 : null),
      traceparents: place(rows.traceparents, null),
    };
    return { ...event, data: { ...event.data, rows: both } };
  };

  const decidedOf = (story: DeciderStory) =>
    story.decisions
      .filter(({ workload }) => workload === storyWorkload)
      .map(({ id, atMs, causationId, data }) => ({ id, atMs, causationId, data }));

  it('changes nothing: their events, their rows, and the order among workloads', () => {
    let decisionsOfOther = 0;
    const places = fc.array(fc.nat({ max: 3 }), { minLength: 100, maxLength: 100 });
    fc.assert(
      fc.property(begun, acts, acts, places, ({ settings, adopted }, history, others, between) => {
        const alone = told(history, new DeciderStory().workload(settings, adopted));
        const crowd = new DeciderStory();
        const waiting = [...toldOfOther(others)];
        for (const [index, input] of alone.inputs.entries()) {
          const before = between[index % between.length] ?? 0;
          for (const event of waiting.splice(0, before)) crowd.input(event);
          crowd.input(withRowOfOther(input, before % 2 === 0));
        }
        decisionsOfOther += crowd.decisions.length - alone.decisions.length;
        expect(decidedOf(crowd)).toEqual(decidedOf(alone));
      }),
    );
    expect(decisionsOfOther).toBeGreaterThan(100);
  });
});
