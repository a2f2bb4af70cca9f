/** Whose kinds they are: ours, somebody else's, or not there yet. */
import { expect, it } from 'vitest';
import { customResources } from './kinds.ts';
import { judgeKinds } from './served-kinds.ts';

const names = customResources.map(({ metadata }) => metadata.name);
const seen = (...marks: (boolean | undefined)[]) =>
  new Map(
    names.flatMap((name, at) => {
      const mark = marks[at];
      return mark === undefined ? [] : [[name, mark] as const];
    }),
  );

it.each([
  ['ours', seen(true, true, true), { kind: 'ours' }],
  ['missing', seen(), { kind: 'missing', names }],
  ['missing in part', seen(true, undefined, true), { kind: 'missing', names: [names[1]] }],
  ["somebody else's", seen(false, false, false), { kind: 'foreign', names }],
  // Adding ours to theirs would break what they serve.
  ["somebody else's in part", seen(false), { kind: 'foreign', names: [names[0]] }],
])('%s', (_whose, kinds, verdict) => {
  expect(judgeKinds(kinds)).toEqual(verdict);
});
