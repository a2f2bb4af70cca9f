/** How much of the stable window was seen: what was not is a zero in its average. */
import type { Policy } from '@flyball/contracts';
import { weightOfNewest } from '../../windows/window.ts';
import { wholeSecond } from '../sight.ts';
import type { Sight, Stretch } from '../workload-state.ts';

export interface SeenShare {
  /** Of 1, by the weight that the seconds have in the average. */
  readonly share: number;
  readonly unseenMs: number;
  /** The stable window, or what there is of it yet. */
  readonly spanMs: number;
}

const secondMs = 1_000;

/** What the seconds of a stretch weigh in an average in which each older one weighs less. */
const weightOf = ([fromMs, untilMs]: Stretch, nowMs: number, stableWindowMs: number): number => {
  const fading = 1 - weightOfNewest(stableWindowMs);
  return fading ** ((nowMs - untilMs) / secondMs) - fading ** ((nowMs - fromMs) / secondMs);
};

/** Looks at the stretches as far as they lie in the stable window before `atMs`. */
export const seenShareAt = (sight: Sight, policy: Policy, atMs: number): SeenShare => {
  const { stableWindowMs, metricAggregationAlgorithm } = policy;
  const nowMs = wholeSecond(atMs);
  // The first row with averages tells at least of the second before it.
  const youngFromMs = wholeSecond(sight.averagedSinceMs ?? 0) - secondMs;
  const fromMs = Math.max(nowMs - stableWindowMs, Math.min(youngFromMs, nowMs - secondMs));
  const spanMs = nowMs - fromMs;
  if (sight.unseen.length === 0) return { share: 1, unseenMs: 0, spanMs };
  const within = sight.unseen
    .map(([from, until]): Stretch => [Math.max(from, fromMs), Math.min(until, nowMs)])
    .filter(([from, until]) => from < until);
  const unseenMs = within.reduce((sum, [from, until]) => sum + until - from, 0);
  const unseenShare =
    metricAggregationAlgorithm === 'linear'
      ? unseenMs / spanMs
      : within.reduce((sum, stretch) => sum + weightOf(stretch, nowMs, stableWindowMs), 0);
  return { share: 1 - unseenShare, unseenMs, spanMs };
};
