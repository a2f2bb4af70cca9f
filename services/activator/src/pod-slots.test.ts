/** An upstream's slots while several activators live: shared, taken in turns, given back. */
import { type RoutePod, turnGapMs, turnMs } from '@flyball/domain';
import { defaultAutoscalerConfig, resolvePolicy } from '@flyball/knative';
import { expect, it } from 'vitest';
import { openWorkloads, startMs, storyRequest } from './testing/workloads-of-story.ts';
import type { Upstream } from './upstream.ts';

const policyOf = (containerConcurrency: number) => {
  const { policy } = resolvePolicy({ config: defaultAutoscalerConfig, annotations: {} });
  return { ...policy, containerConcurrency };
};

const podOf = (at: number, given: Partial<RoutePod> = {}): RoutePod => ({
  address: `127.0.0.1:${9_000 + at}`,
  protocol: null,
  guarded: false,
  ready: true,
  closed: false,
  appearedAtMs: startMs + at,
  addressKnownAtMs: startMs + at,
  readyAtMs: startMs + at,
  trouble: null,
  ...given,
});

const podsOf = (count: number, given: Partial<RoutePod> = {}) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`web-${at}`, podOf(at, given)]));

const slotsOf = ({ pods }: Upstream): number[] => pods.pods.map(({ slots }) => slots);

it('all slots are its own while it is alone, and its share when another comes', () => {
  const story = openWorkloads();
  const web = story.appear('default/web', { policy: policyOf(10), pods: podsOf(3) });
  expect(slotsOf(web)).toEqual([10, 10, 10]);
  story.live('a', 'b');
  expect(slotsOf(web)).toEqual([5, 5, 5]);
  story.live('a', 'b', 'c', 'd');
  const shares = slotsOf(web);
  expect(shares.every((slots) => slots === 2 || slots === 3)).toBe(true);
  story.live('a');
  expect(slotsOf(web)).toEqual([10, 10, 10]);
});

it('without a limit nothing is shared; a limit that comes is', () => {
  const story = openWorkloads();
  story.live('a', 'b');
  const web = story.appear('default/web', { policy: policyOf(0), pods: podsOf(1) });
  expect(slotsOf(web)).toEqual([1_000]);
  story.appear('default/web', { policy: policyOf(4), pods: podsOf(1) });
  expect(slotsOf(web)).toEqual([2]);
});

it('whole pods are divided where a pod has too few slots for all', () => {
  const story = openWorkloads();
  story.live('a', 'b');
  const web = story.appear('default/web', { policy: policyOf(1), pods: podsOf(4) });
  expect(slotsOf(web)).toEqual([1, 0, 1, 0]);
});

it('a pod that a queue-proxy guards is never out of reach', () => {
  const story = openWorkloads();
  story.live('0', 'a');
  const pods = podsOf(1, { guarded: true });
  const web = story.appear('default/web', { policy: policyOf(1), pods });
  expect(slotsOf(web)).toEqual([1]);
});

it('turns are taken only while somebody waits, and never in the gap', () => {
  const story = openWorkloads();
  story.live('a', 'b');
  const web = story.appear('default/web', { policy: policyOf(1), pods: podsOf(1) });
  expect([slotsOf(web), story.timers.length]).toEqual([[0], 0]);
  const ticket = web.holding.hold(storyRequest());
  const seen = [];
  for (let change = 0; change < 4; change += 1) {
    const phase = story.clock.nowMs % turnMs < turnMs - turnGapMs ? 'turn' : 'gap';
    seen.push([phase, ...slotsOf(web)]);
    expect(story.timers).toHaveLength(1);
    story.nextTimer();
  }
  expect(seen.filter(([phase]) => phase === 'gap').every(([, slots]) => slots === 0)).toBe(true);
  expect(seen.map(([, slots]) => slots).toSorted()).toEqual([0, 0, 0, 1]);
  if (ticket !== null) web.holding.abandon(ticket);
  story.nextTimer();
  expect([slotsOf(web), story.timers.length]).toEqual([[0], 0]);
});

it('a workload that goes takes its turns with it', () => {
  const story = openWorkloads();
  story.live('a', 'b');
  const web = story.appear('default/web', { policy: policyOf(1), pods: podsOf(1) });
  web.holding.hold(storyRequest());
  expect(story.timers).toHaveLength(1);
  story.disappear('default/web');
  expect(story.timers).toHaveLength(0);
});
