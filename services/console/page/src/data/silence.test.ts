/** A page notices that nothing comes any more. */
import { expect, test } from 'vitest';
import { consoleTime, laterHeard, newestTick, silentAfterMs, silentSince } from './silence.ts';

const heard = { asOfMs: 10_000, toldAtMs: 10_500, cameAtMs: 10_600 };

test('ticks that stop coming are told since the last one', () => {
  expect(silentSince(heard, 10_100 + silentAfterMs)).toBeNull();
  expect(silentSince(heard, 10_101 + silentAfterMs)).toBe(10_100);
});

test('a reader whose clock is an hour ahead hears as well as others', () => {
  const ahead = { ...heard, cameAtMs: heard.cameAtMs + 3_600_000 };
  expect(silentSince(ahead, ahead.cameAtMs + 1_000)).toBeNull();
  expect(silentSince(ahead, ahead.cameAtMs + silentAfterMs)).toBe(ahead.cameAtMs - 500);
});

test('an old tick that is told first now is a silence at once', () => {
  const late = { asOfMs: 10_000, toldAtMs: 70_000, cameAtMs: 70_000 };
  expect(silentSince(late, 70_000)).toBe(10_000);
});

test('where no tick was ever seen nothing is missed', () => {
  expect(silentSince({ asOfMs: null, toldAtMs: 0, cameAtMs: 0 }, 1_000_000)).toBeNull();
  expect(newestTick([null, null])).toBeNull();
});

test('the newest tick of all partitions counts', () => {
  expect(newestTick([5, null, 9, 7])).toBe(9);
});

test('the console’s clock is known by what it told last', () => {
  const ahead = { ...heard, cameAtMs: heard.toldAtMs + 3_600_000 };
  expect(consoleTime(ahead, ahead.cameAtMs + 2_000)).toBe(heard.toldAtMs + 2_000);
});

test('the same tick told again is not heard anew', () => {
  const again = { ...heard, toldAtMs: 20_000, cameAtMs: 20_000 };
  expect(laterHeard(heard, again)).toBe(heard);
  expect(laterHeard(heard, { ...again, asOfMs: 12_000 })).toMatchObject({ asOfMs: 12_000 });
});
