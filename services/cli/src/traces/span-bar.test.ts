/** Bars begin where their span does, end where it ends, and never leave the axis. */
import { expect, it } from 'vitest';
import { spanBar } from './span-bar.ts';

const axis = { totalMs: 100, width: 10 };

it.each([
  ['all of it', 0, 100, '██████████'],
  ['a half', 0, 50, '█████'],
  ['the other half', 50, 50, '     █████'],
  ['a part of a character', 20, 25, '  ██▌'],
  ['the shortest is seen', 50, 0, '     ▏'],
  ['at the very end', 100, 0, '         █'],
  ['what goes on after the end is cut', 90, 500, '         █'],
  ['what began before is cut', -20, 30, '█'],
])('%s', (_what, offsetMs, durationMs, bar) => {
  expect(spanBar({ offsetMs, durationMs }, axis)).toBe(bar);
});

it('a trace that took no time has bars as well', () => {
  expect(spanBar({ offsetMs: 0, durationMs: 0 }, { totalMs: 0, width: 10 })).toBe('▏');
});

it('nothing is drawn where there is no room', () => {
  expect(spanBar({ offsetMs: 0, durationMs: 10 }, { totalMs: 10, width: 0 })).toBe('');
});
