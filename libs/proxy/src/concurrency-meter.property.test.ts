/** The meter against a reference that looks at every millisecond. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createConcurrencyMeter } from './concurrency-meter.ts';

interface Span {
  readonly fromMs: number;
  readonly forMs: number;
  readonly proxied: boolean;
}

const startMs = 1_700_000_000_400;
const firstSecondMs = 1_700_000_000_000;

/** Requests in flight at each millisecond, summed over one second: thousandths of the average. */
const reference = (spans: readonly Span[], secondMs: number) => {
  const count = {
    concurrencyMilli: 0,
    proxiedConcurrencyMilli: 0,
    requests: 0,
    proxiedRequests: 0,
  };
  for (const { fromMs, forMs, proxied } of spans) {
    let overlapMs = 0;
    for (let atMs = fromMs; atMs < fromMs + forMs; atMs++) {
      if (atMs >= secondMs && atMs < secondMs + 1_000) overlapMs++;
    }
    const begun = fromMs >= secondMs && fromMs < secondMs + 1_000 ? 1 : 0;
    count.concurrencyMilli += overlapMs;
    count.requests += begun;
    if (!proxied) continue;
    count.proxiedConcurrencyMilli += overlapMs;
    count.proxiedRequests += begun;
  }
  return count;
};

const span = fc.record({
  fromMs: fc.integer({ min: startMs, max: startMs + 4_000 }),
  forMs: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 3_000 })),
  proxied: fc.boolean(),
});

const eventsOf = (spans: readonly Span[]) =>
  spans
    .flatMap((one) => [
      { atMs: one.fromMs, enter: true, proxied: one.proxied },
      { atMs: one.fromMs + one.forMs, enter: false, proxied: one.proxied },
    ])
    .sort((a, b) => a.atMs - b.atMs || Number(b.enter) - Number(a.enter));

test('every second equals the sum over its milliseconds', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 30 }), fc.boolean(), (spans, rollOften) => {
      const meter = createConcurrencyMeter({ startMs });
      const seconds = Array.from({ length: 9 }, (_, at) => firstSecondMs + at * 1_000);
      const rolled = new Map<number, unknown>();
      let next = 0;
      for (const event of eventsOf(spans)) {
        // A service rolls each second soon after it ended; a late one rolls all of them at the end.
        for (; rollOften && event.atMs >= (seconds[next] as number) + 1_000; next++) {
          const secondMs = seconds[next] as number;
          rolled.set(secondMs, meter.roll(secondMs));
        }
        if (event.enter) meter.enter(event.atMs, event.proxied);
        else meter.leave(event.atMs, event.proxied);
      }
      for (const secondStartMs of seconds) {
        const count = meter.roll(secondStartMs);
        expect(count).toEqual({ secondStartMs, ...reference(spans, secondStartMs) });
        if (rolled.has(secondStartMs)) expect(rolled.get(secondStartMs)).toEqual(count);
      }
      expect([meter.inFlight, meter.proxiedInFlight]).toEqual([0, 0]);
      const inFlightMs = spans.reduce((sum, { forMs }) => sum + forMs, 0);
      const atMs = firstSecondMs + 60_000;
      expect(meter.total(atMs)).toEqual({ atMs, inFlightMs });
    }),
    { seed: 20_251_122, numRuns: 300 },
  );
});

describe('edges', () => {
  test('what is still in flight counts until the end of the second that is rolled', () => {
    const meter = createConcurrencyMeter({ startMs: 0 });
    meter.enter(250);
    meter.enter(500, true);
    expect(meter.roll(0)).toEqual({
      secondStartMs: 0,
      concurrencyMilli: 1_250,
      proxiedConcurrencyMilli: 500,
      requests: 2,
      proxiedRequests: 1,
    });
    expect(meter.inFlight).toBe(2);
    expect(meter.average(0, 2_000)).toBe(1_625);
  });

  test('a clock that goes back stands still instead of subtracting', () => {
    const meter = createConcurrencyMeter({ startMs: 5_000 });
    meter.enter(5_600);
    meter.leave(5_100);
    meter.enter(5_800);
    expect(meter.roll(5_000)).toMatchObject({ concurrencyMilli: 200, requests: 2 });
  });

  test('a total says until when it counts, whatever its clock does', () => {
    const meter = createConcurrencyMeter({ startMs: 5_000 });
    meter.enter(5_100);
    meter.enter(5_600);
    expect(meter.total(6_000)).toEqual({ atMs: 6_000, inFlightMs: 1_300 });
    expect(meter.total(5_200)).toEqual({ atMs: 6_000, inFlightMs: 1_300 });
    expect(meter.total(96_000)).toEqual({ atMs: 96_000, inFlightMs: 181_300 });
  });

  test('after hours of silence only the kept seconds are there, and they are right', () => {
    const meter = createConcurrencyMeter({ startMs: 0, secondsKept: 4 });
    meter.enter(100);
    const hourMs = 3_600_000;
    expect(meter.roll(hourMs)).toMatchObject({ concurrencyMilli: 1_000, requests: 0 });
    expect(meter.total(hourMs)).toEqual({ atMs: hourMs + 1_000, inFlightMs: hourMs + 900 });
    expect(meter.roll(hourMs - 3_000)).toMatchObject({ concurrencyMilli: 1_000 });
    expect(meter.roll(hourMs - 4_000)).toBeNull();
    expect(meter.roll(0)).toBeNull();
    expect(meter.average(hourMs - 2_000, hourMs + 1_000)).toBe(1_000);
    expect(meter.average(hourMs - 9_000, hourMs)).toBeNull();
  });

  test('what is not a second is refused', () => {
    const meter = createConcurrencyMeter({ startMs: 0 });
    expect(() => meter.roll(1_500)).toThrow('secondStartMs is 1500; allowed are multiples of 1000');
    expect(() => meter.average(0, 500)).toThrow('0 to 500 is not a number of whole seconds');
  });
});
