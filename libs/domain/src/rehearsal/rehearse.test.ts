/** A rehearsal is worth nothing unless it goes the whole way. */
import { expect, it } from 'vitest';
import { rehearse } from './rehearse.ts';

it('goes from the first sample of a workload at zero to its scale', () => {
  const said = rehearse(1);
  expect(said.map(({ type }) => type)).toEqual(['TickObserved', 'Decided', 'ScaleApplied']);
  expect(said.at(-1)).toMatchObject({ data: { from: 0, to: 1, because: 'decided' } });
});

it('says the same in each round: nothing is kept of the one before', () => {
  expect(rehearse(3)).toEqual(rehearse(1));
});
