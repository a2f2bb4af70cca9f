/** A decider that is one tick behind decides it now; one that is two behind does not. */
import { expect, it } from 'vitest';
import { isDeciderSilent } from './decider-silence.ts';

it('is silent once two ticks were not decided', () => {
  expect([0, 2_000, 3_000, 3_001, 4_000].map((behindMs) => isDeciderSilent(behindMs, 0))).toEqual([
    ...[false, false, false, true, true],
  ]);
});
