/** The list of traces: where the time went, and nothing that is not there. */
import type { TraceSummary } from '@flyball/telemetry/sink';
import { expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { traceTable } from './trace-table.ts';

const startMs = Date.UTC(2026, 0, 1, 10, 41, 30, 250);

const coldStart: TraceSummary = {
  workloads: ['default/web', 'default/front'],
  ...{ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', kind: 'cold start', workload: 'default/web' },
  ...{ startMs, durationMs: 812.4, spans: 3, dropped: 0, error: null, name: 'GET' },
  phases: [
    { phase: 'received', startMs, durationMs: 812.4 },
    { phase: 'held', startMs, durationMs: 741 },
    { phase: 'decide', startMs, durationMs: 4 },
    { phase: 'pod started', startMs, durationMs: 503.2 },
    { phase: 'pod ready', startMs, durationMs: 900 },
  ],
};
const recovery: TraceSummary = {
  ...{ traceId: 'a'.repeat(32), kind: 'other', workload: null, startMs, durationMs: 12 },
  ...{ workloads: [], spans: 1, dropped: 0, error: null, name: 'recover', phases: [] },
};

const tableOf = (...traces: TraceSummary[]): string[] =>
  traceTable(captureTerminal(), traces, startMs).map((line) =>
    line.replace(/\d\d:\d\d:\d\d\.\d{3}/, '<time>'),
  );

it('tells of each its phase that took longest: no sum of others, none that nobody awaits', () => {
  expect(tableOf(coldStart, recovery).map((line) => line.split(/ {2,}/))).toEqual([
    ['TRACE', 'STARTED', 'KIND', 'WORKLOAD', 'TOOK', 'SLOWEST PHASE'],
    ['4bf92f35', '<time>', 'cold start', 'default/web', '812 ms', 'pod started 503 ms'],
    ['aaaaaaaa', '<time>', 'other (recover)', '-', '12 ms'],
  ]);
});

it('a request that never got a pod was only held', () => {
  const phases = coldStart.phases.slice(0, 2);
  expect(tableOf({ ...coldStart, phases })[1]).toMatch(/held 741 ms$/);
});

it('an ordinary request has no phase that took longest: it has only itself', () => {
  const phases = coldStart.phases.slice(0, 1);
  expect(tableOf({ ...coldStart, kind: 'request', phases })[1]).toMatch(/812 ms$/);
  expect(tableOf({ ...coldStart, kind: 'request', phases })[1]).not.toContain('received');
});

it('has a column for errors where there are some', () => {
  const error = 'answered 504';
  const [heading, first, second] = tableOf({ ...coldStart, error }, recovery);
  expect(heading).toMatch(/ERROR$/);
  expect(first).toMatch(/answered 504$/);
  expect(second).not.toContain('answered');
});

it('of no traces there is a heading', () => {
  expect(tableOf()).toHaveLength(1);
});
