/** A series for tests. */
import type { Series } from '../../../src/wire.ts';

export const seriesOf = (more: Partial<Series> = {}): Series => ({
  namespace: 'default',
  name: 'web',
  problem: null,
  fromMs: 0,
  toMs: 100,
  metric: 'concurrency',
  concurrency: [],
  stable: [],
  panic: [],
  target: [],
  wanted: [],
  applied: [],
  ready: [],
  panics: [],
  waiting: [],
  marks: [],
  isThinned: false,
  ...more,
});
