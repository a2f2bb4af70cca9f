/** A constant load as it comes: requests at random, one after the other, measured by the second. */
import { averagesAt } from '../windows/averages.ts';
import { createWindow, recordSample } from '../windows/window.ts';

/** Numbers in [0, 1) that a seed determines (mulberry32). */
const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export interface ConstantLoad {
  readonly seed: number;
  /** Requests in flight on average. */
  readonly mean: number;
  /** How long each request takes. */
  readonly serviceS: number;
  readonly untilS: number;
}

/**
 * For each second the average of the requests in flight in it: arrivals do not wait for answers
 * (Poisson, open loop), and each request takes the same time.
 */
export const secondsOf = ({ seed, mean, serviceS, untilS }: ConstantLoad): Float64Array => {
  const random = randomFrom(seed);
  const seconds = new Float64Array(untilS);
  const perS = mean / serviceS;
  for (let atS = -serviceS; atS < untilS; atS += -Math.log(1 - random()) / perS) {
    const endS = atS + serviceS;
    for (let second = Math.max(0, Math.floor(atS)); second < Math.min(untilS, endS); second += 1) {
      const inSecond = Math.min(endS, second + 1) - Math.max(atS, second);
      seconds[second] = (seconds[second] ?? 0) + inSecond;
    }
  }
  return seconds;
};

export interface Averaged {
  readonly atS: number;
  readonly stable: number | null;
  readonly panic: number | null;
}

/** What a tick every 2 s says of it, over windows of these lengths. */
export const averagesOf = (
  seconds: Float64Array,
  windows: { readonly stableWindowMs: number; readonly panicWindowMs: number },
): readonly Averaged[] => {
  const stable = createWindow('linear', windows.stableWindowMs);
  const panic = createWindow('linear', windows.panicWindowMs);
  const told: Averaged[] = [];
  for (const [second, value] of seconds.entries()) {
    const milli = Math.round(value * 1000);
    recordSample(stable, second, milli);
    recordSample(panic, second, milli);
    if (second % 2 === 0) continue;
    const { stableMilli, panicMilli } = averagesAt(stable, panic, second);
    const inUnits = (average: number | null) => (average === null ? null : average / 1000);
    told.push({ atS: second + 1, stable: inUnits(stableMilli), panic: inUnits(panicMilli) });
  }
  return told;
};
