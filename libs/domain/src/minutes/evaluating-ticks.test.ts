/** Which messages evaluate a workload. */
import { expect, test } from 'vitest';
import { evaluatingTicks } from './evaluating-ticks.ts';

const tick = (n: number, part: number, hasRow: boolean) => ({
  id: `w${n}-${part}:ticks:0`,
  kind: 'tick' as const,
  part,
  parts: 3,
  hasRow,
});
const poke = (hasRow: boolean) => ({
  ...tick(0, 3, hasRow),
  id: 'k7-3:ticks:0',
  kind: 'poke' as const,
});

const evaluating = (messages: readonly ReturnType<typeof tick | typeof poke>[]) =>
  evaluatingTicks(messages, ({ hasRow }) => (hasRow ? 0 : undefined)).map(({ tick: { id } }) => id);

test('the part with its row, and no other of that tick', () => {
  const parts = [tick(1, 1, false), tick(1, 2, true), tick(1, 3, false)];
  expect(evaluating(parts)).toEqual(['w1-2:ticks:0']);
});

test('without a row the last part, at which time-dependent rules are looked at', () => {
  const parts = [tick(1, 1, true), tick(1, 2, false), tick(1, 3, false)];
  const next = [tick(2, 1, false), tick(2, 2, false), tick(2, 3, false)];
  expect(evaluating([...parts, ...next])).toEqual(['w1-1:ticks:0', 'w2-3:ticks:0']);
});

test('a tick whose last part was never written evaluates only its rows', () => {
  expect(evaluating([tick(1, 1, false), tick(2, 3, false)])).toEqual(['w2-3:ticks:0']);
});

test('a poke with its row only, also between the parts of a tick', () => {
  expect(evaluating([poke(false), tick(1, 1, true), poke(true), tick(1, 3, false)])).toEqual([
    'w1-1:ticks:0',
    'k7-3:ticks:0',
  ]);
});
