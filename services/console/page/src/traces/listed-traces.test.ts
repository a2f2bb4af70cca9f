/** The list of traces follows its filter at once. */
import { expect, test } from 'vitest';
import type { TraceSummary } from '../../../src/wire.ts';
import { allTraces } from '../routing/route.ts';
import { listedTraces, tracesAsked } from './listed-traces.ts';

const trace = (traceId: string, kind: TraceSummary['kind'], durationMs: number): TraceSummary => ({
  ...{ traceId, kind, durationMs, workload: `default/${traceId}`, name: 'GET' },
  ...{ startMs: 0, spans: 1, dropped: 0, error: null, phases: [] },
  workloads: [`default/${traceId}`, `backs/${traceId}`],
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
  [{ workload: 'def' }, 'abcd'],
  [{ workload: 'backs/c' }, 'c'],
  [{ workload: 'ack' }, ''],
  [{ workload: 'other' }, ''],
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

test.each(['d', 'default', 'default/', 'default/w', 'default/web', 'default/We', '-', 'a/b/c'])(
  'while "%s" is typed it may be the beginning of a name: the console is asked for all',
  (workload) => {
    const asked = { workload: null, kind: null, minMs: null, limit: 1_000 };
    expect(tracesAsked({ ...allTraces, workload }, workload)).toEqual(asked);
  },
);

test('the name that a link has, or Enter ends, is what the console is asked for', () => {
  const workload = 'default/web';
  const asked = { workload, limit: 200 };
  expect(tracesAsked({ ...allTraces, workload }, null)).toMatchObject(asked);
  expect(tracesAsked({ ...allTraces, workload }, 'default/we')).toMatchObject(asked);
  const slowest = tracesAsked({ ...allTraces, workload, sort: 'slowest' }, null);
  expect(slowest).toMatchObject({ workload, limit: 1_000 });
});

test('what is no name the console is not asked for, wherever it comes from', () => {
  const asked = { workload: null, limit: 1_000 };
  expect(tracesAsked({ ...allTraces, workload: 'default/We' }, null)).toMatchObject(asked);
  expect(tracesAsked(allTraces, '')).toMatchObject({ workload: null, limit: 200 });
});
