/** Whoever comes and goes, whatever is asked for: what is in force can be done by all that live. */
import type { AnyEvent } from '@flyball/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newestAlgorithm, opening, story, workload } from '../testing/watched-story.ts';

const seed = 20_260_701;
const versions = [1, 2, 3] as const;

/** Releases know every version up to their own; some have dropped the oldest. */
const release = fc.constantFrom<readonly number[]>([1], [1, 2], [1, 2, 3], [2, 3], [3, 4]);
const happening = fc.oneof(
  fc.record({ deciders: fc.dictionary(fc.constantFrom('a', 'b', 'c'), release) }),
  fc.record({ asked: fc.constantFrom(...versions, null) }),
);

type Deciders = Readonly<Record<string, readonly number[]>>;

const canAll = (deciders: Deciders, version: number): boolean =>
  Object.values(deciders).every((can) => can.includes(version));

/** Judged by the rules alone: who lives now, what is asked for now, what was in force before. */
const judge = (
  said: readonly AnyEvent[],
  now: { readonly deciders: Deciders; readonly asked: number | null; readonly inForce: number },
): number => {
  const { deciders, asked } = now;
  let { inForce } = now;
  const someoneLives = Object.keys(deciders).length > 0;
  for (const event of said) {
    if (event.type === 'PolicyRefused') {
      expect(asked).not.toBeNull();
      const refusable = someoneLives ? !canAll(deciders, asked ?? 0) : asked !== inForce;
      expect(refusable).toBe(true);
    }
    if (event.type !== 'PolicySet') continue;
    const { algorithm } = event.data.policy;
    if (algorithm !== inForce) expect(someoneLives && canAll(deciders, algorithm)).toBe(true);
    if (asked !== null) expect([asked, inForce]).toContain(algorithm);
    inForce = algorithm;
  }
  const best = versions.filter((version) => canAll(deciders, version)).at(-1);
  if (someoneLives && asked === null && best !== undefined) expect(inForce).toBe(best);
  if (someoneLives && asked !== null && canAll(deciders, asked)) expect(inForce).toBe(asked);
  return inForce;
};

it('never puts in force what a living decider cannot do, and always what all can', () => {
  const property = fc.property(fc.array(happening, { maxLength: 20 }), (happenings) => {
    const { see, live } = story();
    see(...opening);
    let now = { deciders: {} as Deciders, asked: null as number | null, inForce: newestAlgorithm };
    for (const one of happenings) {
      now = { ...now, ...one };
      const annotations = 'asked' in one && one.asked !== null ? `${one.asked}` : undefined;
      const said =
        'deciders' in one
          ? live(one.deciders)
          : see(
              workload(
                annotations === undefined ? {} : { annotations: { algorithm: annotations } },
              ),
            );
      now = { ...now, inForce: judge(said as readonly AnyEvent[], now) };
    }
  });
  fc.assert(property, { seed, numRuns: 500 });
});
