/** Sparklines: scaled to their own peak, the newest at the right end. */
import { expect, test } from 'vitest';
import { sparkPath } from './sparkline-path.ts';

const box = { widthPx: 30, heightPx: 10, length: 4 };

test('the peak reaches the top and zero the bottom', () => {
  expect(sparkPath([0, 5, 10, 0], box).line).toBe('M0 10L10 5L20 0L30 10');
});

test('a short one is at the right end', () => {
  expect(sparkPath([1, 1], box).line).toBe('M20 0L30 0');
});

test('only the newest are drawn', () => {
  expect(sparkPath([99, 0, 1, 1, 1], box).line).toBe('M0 10L10 0L20 0L30 0');
});

test('what was not measured is a gap, and one value alone is a point', () => {
  const { line, area } = sparkPath([2, null, 2, 2], box);
  expect(line).toBe('M0 0h0M20 0L30 0');
  expect(area).toBe('M0 10L0 0L0 10ZM20 10L20 0L30 0L30 10Z');
});

test('nothing is nothing, and zeros lie on the ground', () => {
  expect(sparkPath([], box)).toEqual({ line: '', area: '' });
  expect(sparkPath([null], box)).toEqual({ line: '', area: '' });
  expect(sparkPath([0, 0], box).line).toBe('M20 10L30 10');
});
