/** From a trace to its workload: at the moment when that one was decided for. */
import { expect, test } from 'vitest';
import type { ToldEvent, TraceSummary } from '../../../src/wire.ts';
import { momentLink } from './moment-link.ts';

const summary: TraceSummary = {
  ...{ traceId: 'ab', kind: 'cold start', workload: 'default/back', name: 'GET' },
  ...{ workloads: ['default/back', 'default/front'], startMs: 100_000, durationMs: 700 },
  ...{ spans: 2, dropped: 0, error: null, phases: [] },
};
const event = (type: ToldEvent['type'], workload: string, atMs: number): ToldEvent => ({
  ...{ type, workload, atMs, seq: atMs, id: String(atMs), sentence: '', traceId: 'ab' },
});
const momentIn = (link: string | null) => new URLSearchParams(link?.split('?')[1]).get('at');

test('through two workloads it leads to the decision about the one that it is told of', () => {
  const events = [
    event('Decided', 'default/front', 100_010),
    event('ScaleApplied', 'default/back', 100_020),
    event('Decided', 'default/back', 100_030),
    event('Decided', 'default/back', 100_040),
  ];
  const link = momentLink({ summary, events });
  expect(link).toMatch(/^#\/workloads\/default\/back\?/);
  expect(momentIn(link)).toBe('100030');
});

test('where nothing was decided about it, to the end of the trace', () => {
  const events = [event('Decided', 'default/front', 100_010)];
  expect(momentIn(momentLink({ summary, events }))).toBe('100700');
});

test('of no workload there is no moment', () => {
  expect(momentLink({ summary: { ...summary, workload: null }, events: [] })).toBeNull();
});
