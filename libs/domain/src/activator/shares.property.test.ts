/** Shares of pods' slots: disjoint, whole, enough for everybody, and steady. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SharedPod, type Shares, sharesOf, startingMs, turnGapMs, turnMs } from './shares.ts';

const nowMs = 1_767_225_600_000;
const seed = 14;

const podOf = (id: number, given: Partial<SharedPod> = {}): SharedPod => ({
  id: `web-${id}`,
  appearedAtMs: nowMs - 60_000 + id,
  readyAtMs: nowMs - 50_000 + id,
  guarded: false,
  ...given,
});

const podArb = (id: number): fc.Arbitrary<SharedPod> =>
  fc.record({
    id: fc.constant(`web-${id}`),
    appearedAtMs: fc.integer({ min: nowMs - 2 * startingMs, max: nowMs }),
    readyAtMs: fc.option(fc.integer({ min: nowMs - 60_000, max: nowMs }), { freq: 2 }),
    guarded: fc.boolean(),
  });

const podsArb = fc
  .integer({ min: 1, max: 12 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => podArb(at))));
const activatorsArb = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), {
  minLength: 2,
  maxLength: 7,
});
const limitArb = fc.integer({ min: 1, max: 20 });

const allShares = (
  pods: readonly SharedPod[],
  activators: readonly string[],
  limit: number,
  atMs = nowMs,
): Shares[] =>
  activators.map((self) => {
    const shares = sharesOf(pods, { activators, self, limit, nowMs: atMs });
    if (shares === null) throw new Error('several activators share');
    return shares;
  });

const sumsOf = (shares: readonly Shares[], pods: readonly SharedPod[]): number[] =>
  pods.map(({ id }) => shares.reduce((sum, { slots }) => sum + (slots.get(id) ?? 0), 0));

const totalOf = ({ slots }: Shares): number =>
  [...slots.values()].reduce((sum, slot) => sum + slot, 0);

const isExpected = (pod: SharedPod): boolean =>
  pod.readyAtMs !== null || nowMs - pod.appearedAtMs < startingMs;

const check = (law: (pods: SharedPod[], activators: string[], limit: number) => void): void =>
  fc.assert(fc.property(podsArb, activatorsArb, limitArb, law), { seed, numRuns: 2_000 });

describe('shares', () => {
  it('add up to the limit of every pod while there are slots enough', () => {
    check((pods, activators, limit) => {
      const shares = allShares(pods, activators, limit);
      const counted = pods.filter(isExpected).length || pods.length;
      fc.pre(counted * limit >= activators.length);
      expect(sumsOf(shares, pods)).toEqual(pods.map(() => limit));
      expect(shares.some(({ inTurns }) => inTurns)).toBe(false);
    });
  });

  it('leave nobody without a slot of a pod that will take requests, while there are enough', () => {
    check((pods, activators, limit) => {
      const expected = pods.filter(isExpected);
      fc.pre(expected.length * limit >= activators.length);
      for (const { slots } of allShares(pods, activators, limit)) {
        const mine = expected.reduce((sum, { id }) => sum + (slots.get(id) ?? 0), 0);
        expect(mine).toBeGreaterThan(0);
      }
    });
  });

  it('are as equal as they can be', () => {
    check((pods, activators, limit) => {
      const counted = pods.filter(isExpected).length || pods.length;
      fc.pre(counted * limit >= activators.length);
      const totals = allShares(pods, activators, limit).map(totalOf);
      expect(Math.max(...totals) - Math.min(...totals)).toBeLessThanOrEqual(1);
    });
  });

  it('do not depend on the order in which pods and activators are known', () => {
    const anyOrder = fc
      .tuple(podsArb, activatorsArb, limitArb)
      .chain(([pods, activators, limit]) =>
        fc.tuple(
          fc.constant({ pods, activators, limit }),
          fc.shuffledSubarray(pods, { minLength: pods.length }),
          fc.shuffledSubarray(activators, { minLength: activators.length }),
        ),
      );
    fc.assert(
      fc.property(anyOrder, ([{ pods, activators, limit }, otherPods, others]) => {
        for (const self of activators) {
          const one = sharesOf(pods, { activators, self, limit, nowMs });
          const other = sharesOf(otherPods, { activators: others, self, limit, nowMs });
          expect(new Map(other?.slots)).toEqual(new Map(one?.slots));
        }
      }),
      { seed, numRuns: 200 },
    );
  });

  it('of the pods that are ready do not move when another becomes ready', () => {
    check((pods, activators, limit) => {
      const added = podOf(99, { readyAtMs: nowMs + 1 });
      const more = [...pods, added];
      fc.pre(pods.filter((pod) => pod.readyAtMs !== null).length * limit >= activators.length);
      allShares(pods, activators, limit).forEach((before, at) => {
        const after = allShares(more, activators, limit)[at];
        for (const { id, readyAtMs } of pods) {
          if (readyAtMs !== null) expect(after?.slots.get(id)).toBe(before.slots.get(id));
        }
      });
    });
  });

  it('are all of it for one that is alone, known to itself or not', () => {
    const alone = { self: 'a', limit: 3, nowMs };
    expect(sharesOf([podOf(1)], { ...alone, activators: ['a'] })).toBeNull();
    expect(sharesOf([podOf(1)], { ...alone, activators: [] })).toBeNull();
  });
});

describe('fewer slots than activators', () => {
  const activators = ['a', 'b', 'c'];

  it('with a queue-proxy: each may send one at a time, nobody is left out', () => {
    const shares = allShares([podOf(1, { guarded: true })], activators, 2);
    expect(shares.map(totalOf)).toEqual([1, 1, 1]);
    expect(shares.some(({ inTurns }) => inTurns)).toBe(false);
  });

  it('without: never more than the limit, in turns that reach everybody', () => {
    fc.assert(
      fc.property(activatorsArb, fc.integer({ min: 0, max: 5_000 }), (some, offsetMs) => {
        const pods = [podOf(1)];
        const atMs = nowMs + offsetMs;
        const shares = allShares(pods, some, 1, atMs);
        const [sum] = sumsOf(shares, pods);
        const inGap = atMs % turnMs >= turnMs - turnGapMs;
        expect(sum).toBe(inGap ? 0 : 1);
        const [changesAtMs] = new Set(shares.map((one) => one.changesAtMs));
        expect(changesAtMs).toBeGreaterThan(atMs);
      }),
      { seed },
    );
    const turns = activators.map((_, turn) => nowMs + turn * turnMs);
    const sums = activators.map((_, at) =>
      turns.reduce((sum, atMs) => {
        const one = allShares([podOf(1)], activators, 1, atMs)[at];
        return sum + (one === undefined ? 0 : totalOf(one));
      }, 0),
    );
    expect(sums).toEqual([1, 1, 1]);
  });

  it("a pod that does not become ready is nobody's only one for long", () => {
    const stuck = podOf(2, { readyAtMs: null });
    const pods = [podOf(1), stuck];
    const shares = allShares(pods, ['a', 'b'], 1);
    expect(shares.every(({ inTurns }) => inTurns)).toBe(true);
    const young = { ...stuck, appearedAtMs: nowMs - 1_000 };
    const hopeful = allShares([podOf(1), young], ['a', 'b'], 1);
    expect(hopeful.map(totalOf)).toEqual([1, 1]);
    expect(hopeful[0]?.changesAtMs).toBe(young.appearedAtMs + startingMs);
  });
});
