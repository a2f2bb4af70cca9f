/** Arbitrary histories of a workload: acts to draw, and to perform on a story. */
import type { Policy } from '@flyball/contracts';
import fc from 'fast-check';
import { DeciderStory, type StoryRow } from './decider-story.ts';

export const load = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 300_000 }).map((n) => n / 1000),
);

const row = fc.record({
  stable: fc.option(load),
  panic: fc.oneof(load, fc.constant(null)),
  seen: fc.constantFrom(
    'measured' as const,
    'measured' as const,
    'blind' as const,
    'unobserved' as const,
  ),
});

export const policySettings = fc.record({
  behaviour: fc.constantFrom('flyball' as const, 'knative' as const),
  algorithm: fc.constantFrom(1, 2),
  tolerance: fc.constantFrom(0, 0.02, 0.1),
  targetValue: fc.constantFrom(0.7, 7, 10, 70),
  maxScaleUpRate: fc.constantFrom(1.5, 3, 1000),
  maxScaleDownRate: fc.constantFrom(1.1, 2, 10),
  minScale: fc.constantFrom(0, 1, 2),
  maxScale: fc.constantFrom(0, 3, 20),
  initialScale: fc.constantFrom(0, 1, 3),
  activationScale: fc.constantFrom(0, 3),
  scaleDownDelayMs: fc.constantFrom(0, 10_000),
  stableWindowMs: fc.constantFrom(6_000, 60_000),
  panicThreshold: fc.constantFrom(1.1, 2),
  enableScaleToZero: fc.boolean(),
  targetBurstCapacity: fc.constantFrom(-1, 0, 50, 211),
  scaleToZeroGracePeriodMs: fc.constantFrom(2_000, 30_000),
  progressDeadlineMs: fc.constantFrom(20_000, 600_000),
});

export type Act =
  | { readonly act: 'tick'; readonly row: StoryRow | null; readonly afterS: number }
  | { readonly act: 'poke'; readonly row: StoryRow; readonly inFlight: number }
  | { readonly act: 'pods'; readonly pods: number }
  | { readonly act: 'starting'; readonly pods: number }
  | { readonly act: 'routed'; readonly routing: 'activator' | 'pods' }
  | { readonly act: 'reachable'; readonly reachable: boolean }
  | { readonly act: 'seen'; readonly seen: boolean }
  | { readonly act: 'appear'; readonly adopted: number; readonly uid: string }
  | { readonly act: 'gone' }
  | { readonly act: 'policy'; readonly policy: Partial<Policy> };

const tickAct = fc.record({
  act: fc.constant('tick' as const),
  row: fc.option(row),
  afterS: fc.constantFrom(2, 2, 2, 30),
});

export const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: tickAct },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('poke' as const),
      row,
      inFlight: fc.integer({ min: 0, max: 200 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('pods' as const),
      pods: fc.integer({ min: 0, max: 12 }),
    }),
  },
  fc.record({
    act: fc.constant('starting' as const),
    pods: fc.integer({ min: 1, max: 12 }),
  }),
  fc.record({
    act: fc.constant('routed' as const),
    routing: fc.constantFrom('activator' as const, 'pods' as const),
  }),
  fc.record({ act: fc.constant('reachable' as const), reachable: fc.boolean() }),
  fc.record({ act: fc.constant('seen' as const), seen: fc.boolean() }),
  fc.record({
    act: fc.constant('appear' as const),
    adopted: fc.integer({ min: 0, max: 5 }),
    uid: fc.constantFrom('u1', 'u2'),
  }),
  fc.constant({ act: 'gone' as const }),
  fc.record({ act: fc.constant('policy' as const), policy: policySettings }),
);

const perform = (story: DeciderStory, told: Act, atS: number): void => {
  switch (told.act) {
    case 'tick':
      story.tick(atS, ...(told.row === null ? [] : [told.row]));
      return;
    case 'poke':
      story.poke(atS, { ...told.row, inFlight: told.inFlight });
      return;
    case 'pods':
      story.pods(told.pods, atS);
      return;
    case 'starting':
      story.starting(told.pods, atS);
      return;
    case 'routed':
      story.routed(told.routing, atS);
      return;
    case 'reachable':
      story.event(told.reachable ? 'WorkloadReachable' : 'WorkloadUnreachable', {}, atS);
      return;
    case 'seen':
      if (told.seen) story.event('PlatformSeen', { unseenMs: 0 }, atS);
      else story.event('PlatformUnseen', { reason: 'timeout' }, atS);
      return;
    case 'appear': {
      const { adopted, uid } = told;
      const data = { uid, replicas: adopted, createdAtMs: 0, adopted: adopted > 0 };
      story.event('WorkloadAppeared', { ...data, resourceVersion: '1' }, atS);
      return;
    }
    case 'gone':
      story.event('WorkloadGone', { uid: 'u1', reason: 'deleted' }, atS);
      return;
    case 'policy':
      story.policy(told.policy, atS);
  }
};

/** Performs the acts 0.3 s apart, ticks as far apart as they say. */
export const told = (acts: readonly Act[], start = new DeciderStory()): DeciderStory => {
  let atS = 1;
  for (const each of acts) {
    atS += each.act === 'tick' ? each.afterS : 0.3;
    perform(start, each, atS);
  }
  return start;
};
