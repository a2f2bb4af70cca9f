/** A record made while the decider could not read one of its inputs, and after it read it again. */
import type { RecordedEvent } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import { decider } from '../decider/decider.ts';
import { step } from '../stage.ts';
import { type Decided, DeciderStory } from '../testing/decider-story.ts';
import { verifyDecisions } from './verify-decisions.ts';
import { verifyAroundUnread } from './verify-unread.ts';

const againAtS = 120;

/** By 20 seconds each. */
const loads = [50, 70, 60, 90, 50, 80, 40, 60, 30, 70];

/** When a policy is told, and the target it has. */
const laterTargets = new Map([
  [50, 25],
  [150, 5],
]);

/** These loads under a target of 10, and of the later ones from then on; its pods are ready. */
const told = () => {
  const story = new DeciderStory().workload({}, 5);
  loads.forEach((load, segment) => {
    for (let nowS = 20 * segment; nowS < 20 * (segment + 1); nowS += 2) {
      const targetValue = laterTargets.get(nowS);
      if (targetValue !== undefined) story.policy({ targetValue }, nowS);
      story.tick(nowS, { stable: load });
    }
  });
  return story.inputs;
};

const isDecided = (output: { readonly type: string }): output is Decided =>
  output.type === 'Decided';

/**
 * What a decider recorded that could not read the inputs `unread`: those before the second
 * `againAtS` until then, when it folded anew, and later ones for good.
 */
const recordedBy = (inputs: readonly RecordedEvent[], unread: readonly RecordedEvent[]) => {
  const recorded: Decided[] = [];
  let state = decider.initialState(0);
  let isReadAgain = false;
  const readAgainAtMs = (inputs[0]?.atMs ?? 0) + againAtS * 1_000;
  inputs.forEach((input, index) => {
    if (!isReadAgain && input.atMs >= readAgainAtMs) {
      isReadAgain = true;
      state = decider.initialState(0);
      for (const past of inputs.slice(0, index)) {
        state = decider.evolve(state, past);
        for (const event of recorded.filter(({ causationId }) => causationId === past.id)) {
          state = decider.evolve(state, event);
        }
      }
    }
    if (unread.includes(input)) return;
    const stepped = step(decider, state, input);
    state = stepped.state;
    recorded.push(...stepped.outputs.filter(isDecided));
  });
  return recorded;
};

describe('a record of a decider that put an input aside', () => {
  const inputs = told();
  const [unread, later] = inputs.filter(({ type }) => type === 'PolicySet').slice(-2);
  if (unread === undefined || later === undefined) throw new Error('two policies were told');
  const unreadSeqs = new Set([unread.seq]);
  const recorded = recordedBy(inputs, [unread]);
  const startMs = inputs[0]?.atMs ?? 0;
  const secondOf = (event: Decided) => (event.atMs - startMs) / 1_000;

  it('differs from what is decided with all of it, but not around what was unread', () => {
    expect(verifyDecisions(inputs, recorded).length).toBeGreaterThan(0);
    const { differences, decidedUnread } = verifyAroundUnread(inputs, recorded, unreadSeqs);
    expect(differences).toEqual([]);
    expect(decidedUnread.length).toBeGreaterThan(0);
  });

  it('is right without it only until it was read again', () => {
    const never = recordedBy(inputs, []);
    const withoutIt = inputs.filter((input) => input !== unread);
    const blind = recordedBy(withoutIt, []);
    const mixed = [
      ...blind.filter((event) => secondOf(event) < 50),
      ...never.filter((event) => secondOf(event) >= 50 && secondOf(event) < againAtS),
      ...blind.filter((event) => secondOf(event) >= againAtS),
    ];
    const { differences } = verifyAroundUnread(inputs, mixed, unreadSeqs);
    expect(differences.length).toBeGreaterThan(0);
  });

  it.each([
    ['before', (event: Decided) => secondOf(event) < 50],
    ['while it was unread', (event: Decided) => secondOf(event) > 50 && secondOf(event) < againAtS],
    ['after it was read again', (event: Decided) => secondOf(event) > againAtS],
  ])('names a decision that was tampered with %s', (_when, isThen) => {
    const one = recorded.find(isThen);
    if (one === undefined) throw new Error('nothing was decided then');
    const tampered = { ...one, data: { ...one.data, to: one.data.to + 1 } };
    const others = recorded.map((event) => (event === one ? tampered : event));
    expect(verifyAroundUnread(inputs, others, unreadSeqs).differences).toMatchObject([
      { kind: 'different', decisionId: one.id },
    ]);
    const without = recorded.filter((event) => event !== one);
    expect(verifyAroundUnread(inputs, without, unreadSeqs).differences).toMatchObject([
      { kind: 'missing' },
    ]);
    const twice = [...recorded, { ...one, id: 'again' }];
    expect(verifyAroundUnread(inputs, twice, unreadSeqs).differences.length).toBeGreaterThan(0);
  });

  describe('and another one after it had read the first again', () => {
    const bothSeqs = new Set([unread.seq, later.seq]);
    const both = recordedBy(inputs, [unread, later]);
    const isLate = (event: Decided) => secondOf(event) > 150;

    it('is right without the second alone', () => {
      const { differences, decidedUnread } = verifyAroundUnread(inputs, both, bothSeqs);
      expect(differences).toEqual([]);
      const lateIds = both.filter(isLate).map(({ id }) => id);
      expect(lateIds.length).toBeGreaterThan(0);
      expect(decidedUnread.map(({ decisionId }) => decisionId)).toEqual(
        expect.arrayContaining(lateIds),
      );
    });

    it('is not right without the first by then', () => {
      const never = recordedBy(
        inputs.filter((input) => input !== unread),
        [later],
      );
      const mixed = [...both.filter((event) => !isLate(event)), ...never.filter(isLate)];
      expect(verifyAroundUnread(inputs, mixed, bothSeqs).differences.length).toBeGreaterThan(0);
    });
  });

  it('says of a true record what verifyDecisions says', () => {
    const all = recordedBy(inputs, []);
    expect(verifyDecisions(inputs, all)).toEqual([]);
    const none = { differences: [], decidedUnread: [] };
    expect(verifyAroundUnread(inputs, all, new Set())).toEqual(none);
  });
});
