/** Times as text: rounded once, in units that people use. */
import { expect, it } from 'vitest';
import { duration } from './times.ts';

it.each([
  [0, '0 ms'],
  [0.25, '0.3 ms'],
  [12.6, '13 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [4_210, '4.2 s'],
  [59_940, '59.9 s'],
  [59_970, '1 min 00 s'],
  [119_700, '2 min 00 s'],
  [125_000, '2 min 05 s'],
  [3_599_600, '1 h 00 min'],
  [12_000_000, '3 h 20 min'],
  [86_399_000, '1 d 00 h'],
  [3 * 86_400_000, '3 d 00 h'],
])('%d ms are %s', (ms, expected) => {
  expect(duration(ms)).toBe(expected);
});
