/** The parts of a cold start add up to what its client waited. */
import { phases } from '@flyball/telemetry/waterfall';
import { expect, test } from 'vitest';
import { familyOf } from './phase-look.ts';
import { phaseSpan } from './span-fixture.ts';
import { timeSpent } from './time-spent.ts';

const coldStart = [
  phaseSpan('received', 100, 400),
  phaseSpan('held', 100, 300),
  phaseSpan('sample', 101, 104),
  phaseSpan('fold', 103, 105),
  phaseSpan('tick', 105, 108),
  phaseSpan('decide', 107, 112),
  phaseSpan('apply', 112, 120),
  phaseSpan('pod created', 116, 118),
  phaseSpan('pod started', 118, 300),
  phaseSpan('pod ready', 300, 500),
  phaseSpan('connect', 300, 310),
  phaseSpan('first byte', 310, 390),
  phaseSpan('last byte', 390, 400),
];

test('each part begins where the one before ends, and all are as long as the request', () => {
  const parts = timeSpent(coldStart);
  expect(Object.fromEntries(parts.map((part) => [part.phase, part.durationMs]))).toEqual({
    ...{ sample: 3, fold: 2, tick: 2, decide: 5, apply: 4, 'pod created': 2, 'pod started': 182 },
    ...{ connect: 10, 'first byte': 80, 'last byte': 10 },
  });
  expect(parts.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBe(300);
});

test('a sample that is acknowledged late takes nothing from what went on meanwhile', () => {
  const late = [
    phaseSpan('received', 0, 50),
    phaseSpan('sample', 0, 45),
    phaseSpan('decide', 2, 9),
    phaseSpan('last byte', 40, 50),
  ];
  expect(timeSpent(late).map(({ durationMs }) => durationMs)).toEqual([2, 7, 41]);
});

test('what ended after the answer takes no more than all of it', () => {
  const late = [
    phaseSpan('received', 0, 50),
    phaseSpan('apply', 10, 90),
    phaseSpan('last byte', 80, 90),
  ];
  expect(timeSpent(late).map(({ durationMs }) => durationMs)).toEqual([50, 0]);
});

test('of a request that is made meanwhile for another one, that waits, only its own time', () => {
  const of = (workload: string, span: ReturnType<typeof phaseSpan>, waited?: number) => ({
    ...span,
    spanId: `${workload} ${span.spanId}`,
    attributes: {
      ...span.attributes,
      'flyball.workload': workload,
      ...(waited === undefined ? {} : { 'flyball.waited': waited }),
    },
  });
  const calling = [
    of('default/front', phaseSpan('received', 0, 90)),
    of('default/front', phaseSpan('connect', 0, 5)),
    of('default/back', phaseSpan('received', 10, 80), 1),
    of('default/back', phaseSpan('decide', 12, 20)),
    of('default/back', phaseSpan('last byte', 70, 80)),
    of('default/front', phaseSpan('last byte', 80, 90)),
  ];
  expect(timeSpent(calling)).toEqual([
    { phase: 'decide', startMs: 10, durationMs: 10 },
    { phase: 'last byte', startMs: 20, durationMs: 60 },
  ]);
});

test('without a request there is nothing to divide', () => {
  expect(timeSpent([phaseSpan('decide', 1, 2)])).toEqual([]);
});

test('every phase has a family', () => {
  expect(phases.map(familyOf)).not.toContain('other');
  expect(familyOf(null)).toBe('other');
});
