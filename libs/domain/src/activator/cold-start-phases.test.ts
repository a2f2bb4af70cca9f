/** The phases of a cold start: consecutive, in order, and together exactly its time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ColdStartMoments,
  coldStartPhaseNames,
  coldStartPhases,
} from './cold-start-phases.ts';

const whole: ColdStartMoments = {
  pod: 'web-1',
  receivedAtMs: 1_000,
  sampledAtMs: 1_002,
  decidedAtMs: 1_010,
  appliedAtMs: 1_015,
  podAppearedAtMs: 1_020,
  podAddressKnownAtMs: 1_050,
  podReadyAtMs: 1_100,
  connectedAtMs: 1_104,
  firstByteAtMs: 1_130,
  lastByteAtMs: 1_131,
  status: 200,
  waited: 1,
};

const lengths = (moments: ColdStartMoments): Record<string, number> =>
  Object.fromEntries(coldStartPhases(moments).map(({ name, ms }) => [name, ms]));

describe('the phases of a cold start', () => {
  it('are all of them, each from the moment before it to its own', () => {
    expect(coldStartPhases(whole).map(({ name }) => name)).toEqual(coldStartPhaseNames);
    expect(lengths(whole)).toEqual({
      ...{ sample: 2, decide: 8, apply: 5 },
      ...{ 'pod created': 5, 'pod started': 30, 'pod ready': 50 },
      ...{ connect: 4, 'first byte': 26, 'last byte': 1 },
    });
  });

  it('give the time of a moment that nobody saw to the next one', () => {
    const { sample, decide, apply } = lengths({ ...whole, sampledAtMs: null, decidedAtMs: null });
    expect([sample, decide, apply]).toEqual([undefined, undefined, 15]);
  });

  it('a pod that is called ready after it accepted was not waited for', () => {
    const late = lengths({ ...whole, podReadyAtMs: 1_120 });
    expect([late['pod ready'], late.connect, late['first byte']]).toEqual([0, 54, 26]);
  });

  it('a clock that is ahead takes nothing from the phases that follow', () => {
    const ahead = lengths({ ...whole, decidedAtMs: 1_900 });
    expect([ahead.decide, ahead.apply, ahead['pod created']]).toEqual([13, 0, 5]);
  });

  it('a clock that is behind does not make them begin before the request', () => {
    const behind = lengths({ ...whole, decidedAtMs: 3, appliedAtMs: 4 });
    expect([behind.sample, behind.decide, behind.apply]).toEqual([2, 0, 0]);
    expect(behind['pod created']).toBe(18);
  });

  it('of a request that got no pod end with it', () => {
    const none = { podAddressKnownAtMs: null, podReadyAtMs: null, connectedAtMs: null };
    const refused = { ...whole, ...none, podAppearedAtMs: null, firstByteAtMs: null };
    expect(lengths(refused)).toEqual({ sample: 2, decide: 8, apply: 5, 'last byte': 116 });
  });

  it('are consecutive, never negative, and add up to the whole, whatever the clocks say', () => {
    const atMs = fc.option(fc.integer({ min: 900, max: 1_300 }), { nil: null });
    const moments = fc.record({
      ...{ sampledAtMs: atMs, decidedAtMs: atMs, appliedAtMs: atMs, podAppearedAtMs: atMs },
      ...{ podAddressKnownAtMs: atMs, podReadyAtMs: atMs, connectedAtMs: atMs },
      ...{ firstByteAtMs: atMs, lastByteAtMs: fc.integer({ min: 1_000, max: 1_300 }) },
    });
    fc.assert(
      fc.property(moments, (given) => {
        const phases = coldStartPhases({ ...whole, ...given });
        let atMs = whole.receivedAtMs;
        for (const { fromMs, toMs, ms } of phases) {
          expect(fromMs).toBe(atMs);
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(toMs - fromMs).toBe(ms);
          atMs = toMs;
        }
        expect(atMs).toBe(given.lastByteAtMs);
        const known = phases.map(({ name }) => coldStartPhaseNames.indexOf(name));
        expect(known).toEqual([...known].sort((one, other) => one - other));
      }),
      { seed: 31 },
    );
  });
});
