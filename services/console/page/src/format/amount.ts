/** Loads, counts and shares, with what they are counted in. */
import type { Series } from '../../../src/wire.ts';

/** A load as short as it can be: `0`, `0.4`, `12.5`, `1,200`; `–` without one. */
export const load = (value: number | null | undefined): string => {
  if (value === null || value === undefined) return '–';
  if (value >= 100) return Math.round(value).toLocaleString('en');
  const tenths = Math.round(value * 10) / 10;
  return value > 0 && tenths === 0 ? '<0.1' : String(tenths);
};

/** `75 %`; more than a thousand percent is not told exactly. */
export const percent = (fraction: number | null): string => {
  if (fraction === null) return '–';
  return fraction > 9.99 ? '>999 %' : `${Math.round(fraction * 100)} %`;
};

/** `1 pod`, `5 pods`, `1,200 pods`. */
export const counted = (count: number, word: string): string =>
  `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;

/** What a load is counted in, by the policy's metric. */
export const loadUnit = (metric: Series['metric']): string =>
  metric === 'rps' ? 'requests a second' : 'in flight';
