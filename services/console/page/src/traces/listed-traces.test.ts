/** The list of traces follows its filter at once. */
import { expect, test } from 'vitest';
import type { TraceSummary } from '../../../src/wire.ts';
import { allTraces } from '../routing/route.ts';
import { listedTraces } from './listed-traces.ts';

const trace = (traceId: string, kind: TraceSummary['kind'], durationMs: number): TraceSummary => ({
  ...{ traceId, kind, durationMs, workload: `default/${traceId}`, name: 'GET' },
  ...{ startMs: 0, spans: 1, dropped: 0, error: null, phases: [] },
});
const answered = [
  trace('a', 'request', 120),
  trace('b', 'cold start', 300),
  trace('c', 'decision', 20),
  trace('d', 'cold start', 500),
];

test.each([
  [{}, 'abcd'],
  [{ kind: 'cold start' }, 'bd'],
  [{ workload: 'default/c' }, 'c'],
  [{ minMs: 300 }, 'bd'],
  [{ sort: 'slowest' }, 'dbac'],
  [{ sort: 'slowest', kind: 'cold start' }, 'db'],
] as const)('%j lists %s', (filter, expected) => {
  const listed = listedTraces(answered, { ...allTraces, ...filter });
  expect(listed.map(({ traceId }) => traceId).join('')).toBe(expected);
});

test('what was answered stays in its order', () => {
  listedTraces(answered, { ...allTraces, sort: 'slowest' });
  expect(answered.map(({ traceId }) => traceId).join('')).toBe('abcd');
});

test('what went on after the answer makes a trace neither slower nor longer', () => {
  const late = {
    ...trace('e', 'cold start', 900),
    phases: [{ phase: 'received', startMs: 0, durationMs: 200 }] as const,
  };
  const slowest = listedTraces([...answered, late], { ...allTraces, sort: 'slowest' });
  expect(slowest.map(({ traceId }) => traceId).join('')).toBe('dbeac');
  expect(listedTraces([late], { ...allTraces, minMs: 300 })).toEqual([]);
});
