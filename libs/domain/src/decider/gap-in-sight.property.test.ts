/** Laws of gaps in what is seen: at random times, of each kind, under windows of each kind. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { replayInputs } from '../minutes/replay-inputs.ts';
import { verifyDecisions } from '../replay/verify-decisions.ts';
import { storyWorkload as workload } from '../testing/decider-story.ts';
import { fewestFrom, type Sight, watch } from './gap-in-sight.fixture.ts';

const gap = fc.record({
  fromS: fc.integer({ min: 80, max: 300 }),
  // Every other second is looked at by a tick: a gap of one may be none to it.
  lengthS: fc.integer({ min: 2, max: 70 }),
  sight: fc.constantFrom<Sight>('blind', 'silent', 'away'),
});
type Gap = typeof gap extends fc.Arbitrary<infer Value> ? Value : never;

const sightIn =
  (gaps: readonly Gap[]) =>
  (second: number): Sight =>
    gaps.find(({ fromS, lengthS }) => second >= fromS && second < fromS + lengthS)?.sight ?? 'seen';

const windows = fc.record({
  stableWindowMs: fc.constantFrom(6_000, 20_000, 60_000),
  metricAggregationAlgorithm: fc.constantFrom('linear' as const, 'weighted-exponential' as const),
  tolerance: fc.constantFrom(0, 0.1),
});

it('a constant load never has fewer pods than without gaps', () => {
  const gaps = fc.array(gap, { minLength: 1, maxLength: 4 });
  const loads = fc.integer({ min: 11, max: 99 }).filter((load) => load % 10 !== 0);
  fc.assert(
    fc.property(windows, loads, gaps, (policy, load, drawn) => {
      const pods = Math.ceil(load / 10);
      // After two windows of silence its source is forgotten, and others decide.
      const saysS = policy.stableWindowMs / 1000;
      const saysSomething = (second: number) =>
        second % saysS === 0 || drawn.some(({ fromS }) => fromS === second);
      const sightAt = (second: number): Sight => {
        const sight = sightIn(drawn)(second);
        return sight === 'silent' && saysSomething(second) ? 'blind' : sight;
      };
      const constant = { policy, pods, untilS: 420, loadAt: () => load };
      const fewest = (seenAt: (second: number) => Sight) =>
        fewestFrom(watch({ ...constant, sightAt: seenAt }), 70);
      expect(fewest(sightAt)).toBe(fewest(() => 'seen'));
    }),
    { seed: 20_260_722, numRuns: 100 },
  );
});

it('is decided again the same from recorded minutes, also where it was at zero meanwhile', () => {
  const phase = fc.record({
    load: fc.constantFrom(0, 0, 5, 38, 98),
    lengthS: fc.integer({ min: 5, max: 200 }),
  });
  const lives = fc.record({
    phases: fc.array(phase, { minLength: 2, maxLength: 6 }),
    gaps: fc.array(gap, { maxLength: 4 }),
    stableWindowMs: fc.constantFrom(6_000, 20_000),
  });
  let replayed = 0;
  fc.assert(
    fc.property(lives, ({ phases, gaps, stableWindowMs }) => {
      const seconds = phases.flatMap(({ load, lengthS }) => Array<number>(lengthS).fill(load));
      const policy = { stableWindowMs, scaleToZeroGracePeriodMs: 6_000 };
      const { log, story } = watch({
        ...{ policy, pods: 2, untilS: seconds.length + 200, sightAt: sightIn(gaps) },
        loadAt: (second) => seconds[second] ?? 0,
      });
      const recordedUntilMs = Math.max(0, ...log.minutes.map((m) => m.data.minuteAtMs + 60_000));
      const ticks = log.ticks.filter(({ atMs }) => atMs >= recordedUntilMs);
      const { events, minutes } = log;
      const inputs = replayInputs({ workload, events, minutes, ticks });
      expect(verifyDecisions(inputs, story.decisions)).toEqual([]);
      replayed += minutes.length;
    }),
    { seed: 20_260_722, numRuns: 60 },
  );
  expect(replayed).toBeGreaterThan(60);
});
