/** How single vectors enter at the stages. */
import { describe, expect, it } from 'vitest';
import {
  annotationsVector,
  configVectors,
  lifecycleVector,
  prefix,
  resolveVector,
  scaleVector,
} from '../testing/example-vectors.ts';
import { DrivenDecider } from './driven-decider.ts';
import { runVector } from './run-vectors.ts';
import { type Vector, type VectorKind, vectorSchemas } from './vector-schemas.ts';

const parse = <Kind extends VectorKind>(kind: Kind, vector: unknown): Vector<Kind> =>
  vectorSchemas[kind].parse(vector) as Vector<Kind>;

describe('scale', () => {
  const { events, expected } = scaleVector;
  const play = (changed: object, ticks: readonly object[]) => {
    const vector = { ...scaleVector, ...changed, expected: { ...expected, ...changed, ticks } };
    return runVector({ kind: 'scale', vector: parse('scale', vector) });
  };

  it('an invalid tick keeps the last decision: its numbers are not compared', () => {
    const [first, second, blind, none] = expected.ticks;
    const meaningless = { desiredPodCount: 0, boundedPodCount: 0, excessBurstCapacity: 0 };
    expect(play({}, [first, second, { ...blind, ...meaningless }, none] as object[])).toEqual([]);
    const missed = play({}, [first, second, { ...blind, valid: true }, none] as object[]);
    expect(missed).toMatchObject([{ tick: 3, field: 'valid', expected: true, got: false }]);
  });

  it('the metric of the case is stronger than the annotation', () => {
    const rates = { metric: 'rps', resolved: { ...expected.resolved, metric: 'rps' } };
    const annotations = { ...scaleVector.annotations, [`${prefix}metric`]: 'concurrency' };
    const resolved = { ...rates.resolved, targetValue: 5.6 };
    const [first] = expected.ticks;
    const rps = { ...first, stable: 1, desiredPodCount: 1, boundedPodCount: 1 };
    const changed = { ...rates, annotations, resolved, events: events.slice(0, 3) };
    expect(play(changed, [{ ...rps, excessBurstCapacity: -12 }])).toEqual([]);
  });

  it('one made with pods that are ready starts in panic', () => {
    const vector = { ...scaleVector, readyPodsAtStart: 2, events: [] };
    const calm = parse('scale', { ...vector, expected: { ...expected, ticks: [] } });
    const [difference, ...others] = runVector({ kind: 'scale', vector: calm });
    expect(difference).toEqual({
      tick: null,
      field: 'panickingAtStart',
      expected: false,
      got: true,
    });
    expect(others).toEqual([]);
  });

  it('an update resizes the windows and is resolved anew', () => {
    const revision = { ...scaleVector, annotations: { [`${prefix}target`]: '5' } };
    const update = { kind: 'update', atMs: scaleVector.startMs + 3000, revision };
    const resolved = {
      ...{ ...expected.resolved, targetValue: 5, totalValue: 5, maxScale: 0 },
      ...{ stableWindowMs: 60_000, panicWindowMs: 6000, initialExcessBurstCapacity: -15 },
    };
    const tick = { kind: 'tick', atMs: scaleVector.startMs + 4000 };
    const changed = { events: [...events.slice(0, 3), update, tick], updates: [resolved] };
    const [first] = expected.ticks;
    // 20 counts from the ten seconds of the old window; the panic window of one second was dry.
    const after = { stable: 2, panic: 0, desiredPodCount: 1, boundedPodCount: 1 };
    const told = { ...first, ...after, atMs: tick.atMs, excessBurstCapacity: -15 };
    expect(play(changed, [first, told] as object[])).toEqual([]);
  });
});

describe('settings', () => {
  it('the layer that is refused is missed', () => {
    const refused = { ...resolveVector, config: { 'max-scale': 'many' } };
    expect(runVector({ kind: 'resolve', vector: parse('resolve', refused) })).toEqual([
      { tick: null, field: 'valid', expected: true, got: false },
    ]);
  });

  it('another key blamed is a difference, another word is not', () => {
    const blame = (error: string) =>
      runVector({
        kind: 'config',
        vector: parse('config', { ...configVectors[1], expected: { valid: false, error } }),
      });
    expect(blame('the max-scale-up-rate is far too small')).toEqual([]);
    expect(blame('max-scale-down-rate = 0.5')).toEqual([
      {
        tick: null,
        field: 'keys blamed',
        expected: ['max-scale-down-rate'],
        got: ['max-scale-up-rate'],
      },
    ]);
  });

  it('another path blamed is a difference', () => {
    const errors = [{ message: 'too long', paths: [`${prefix}window`] }];
    const vector = { ...annotationsVector, expected: { valid: false, errors } };
    expect(runVector({ kind: 'annotations', vector: parse('annotations', vector) })).toMatchObject([
      { field: 'paths', expected: [`${prefix}window`] },
    ]);
  });
});

describe('lifecycle', () => {
  it('without a service nothing is asked for, and what was up is up no more', () => {
    const [first] = lifecycleVector.expected.steps;
    const atMs = lifecycleVector.initial.activeSinceMs + 1000;
    const step = { ...lifecycleVector.steps[0], atMs, sksExists: false };
    const { scrapes: _, ...told } = { ...first, want: -1, actualScale: 0, sksMode: 'Proxy' };
    const waiting = { active: 'Unknown', activeReason: 'Queued', activeSinceMs: atMs };
    const expected = { steps: [{ ...told, ...waiting }] };
    const vector = parse('lifecycle', { ...lifecycleVector, steps: [step], expected });
    expect(runVector({ kind: 'lifecycle', vector })).toEqual([]);
  });

  it('the annotation is stronger than the deadline of the case', () => {
    const key = 'serving.knative.dev/progress-deadline';
    const initial = { ...lifecycleVector.initial, active: 'Unknown' };
    const steps = [{ atMs: lifecycleVector.initial.activeSinceMs + 41_000, desiredScale: 0 }];
    const expected = { steps: [{}] };
    const give = (annotations: object) => {
      const vector = { ...lifecycleVector, initial, steps, expected, annotations };
      return runVector({ kind: 'lifecycle', vector: parse('lifecycle', vector) });
    };
    expect(give({ [key]: '10s' })).toContainEqual(
      expect.objectContaining({ field: 'activeReason', got: 'TimedOut' }),
    );
    expect(give({})).toContainEqual(
      expect.objectContaining({ field: 'activeReason', got: 'Queued' }),
    );
  });
});

it('averages reach the decider to the last digit', () => {
  const driven = new DrivenDecider();
  driven.appear(0, false, 0);
  for (let millionths = 1; millionths < 3_000_000; millionths += 7919) {
    const stable = millionths / 1e6;
    driven.tick({ stable, panic: stable }, 0);
    const off = Math.abs((driven.workload.stableAverage ?? 0) - stable);
    expect(off).toBeLessThanOrEqual(stable * Number.EPSILON);
  }
  driven.tick({ stable: 2.1, panic: 33.333333 }, 0);
  expect(driven.workload).toMatchObject({ stableAverage: 2.1, panicAverage: 33.333333 });
});
