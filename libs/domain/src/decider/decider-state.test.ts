/** A snapshot is taken back only when it has today's shape. */
import { storyPolicy } from '@flyball/contracts/testing';
import { expect, it } from 'vitest';
import { DeciderStory } from '../testing/decider-story.ts';
import {
  deciderSnapshot,
  deciderSnapshotVersion,
  deciderStateFrom,
  initialDeciderState,
} from './decider-state.ts';
import { initialMemory, initialSight, unknownWorkload } from './workload-state.ts';

it('a snapshot from before the tolerance is not taken back: its policies have none', () => {
  const { tolerance: _, ...policyBefore } = storyPolicy;
  const snapshot = deciderSnapshot(new DeciderStory().workload().state);
  const workload = { ...snapshot.workloads['default/web'], policy: policyBefore };
  const before = { ...snapshot, version: 1, workloads: { 'default/web': workload } };
  expect(deciderStateFrom(before, 0)).toBeUndefined();
});

it('nor is one that does not know what was unseen, nor what to do with a wake', () => {
  const snapshot = deciderSnapshot(new DeciderStory().workload().state);
  const { sight: _, ...workload } = snapshot.workloads['default/web'] ?? unknownWorkload(0);
  const before = { ...snapshot, version: 2, workloads: { 'default/web': workload } };
  expect(deciderStateFrom(before, 0)).toBeUndefined();
});

/** The fields of a snapshot, by name. A change of them is a change of its version. */
const shape = {
  version: 3,
  workload: `
    adopting asked coveredAtMs firstDelayMs last measuredSinceMs memory panicAverage pending
    platformSeen pods policy policyId reachable readyPods routing seen sight stableAverage
    startingPods tickedAtMs uid`,
  sight: 'averagedSinceMs unseen',
  tick: 'atMs beforeMs decisions workloads',
  memory: `
    activity delaySlots desired excessBurstCapacity initialised panicMax panicOverAtMs
    panicSinceMs`,
  policy: `
    activationScale activatorCapacity algorithm behaviour class containerConcurrency
    enableScaleToZero initialScale maxScale maxScaleDownRate maxScaleUpRate metric
    metricAggregationAlgorithm minScale minScaleWhenUnreachable panicThreshold panicWindowMs
    progressDeadlineMs queueProxy scaleDownDelayMs scaleToZeroGracePeriodMs
    scaleToZeroPodRetentionPeriodMs stableWindowMs targetBurstCapacity targetUtilization
    targetValue timeoutMs tolerance totalValue`,
};

it('what a snapshot holds is that of its version: a change of either raises the version', () => {
  const fieldsOf = (value: object): string => Object.keys(value).sort().join(' ');
  const written = (fields: string): string => fields.trim().replace(/\s+/g, ' ');
  expect(deciderSnapshotVersion).toBe(shape.version);
  expect(fieldsOf(unknownWorkload(0))).toBe(written(shape.workload));
  expect(fieldsOf(initialSight)).toBe(shape.sight);
  expect(fieldsOf(initialDeciderState(0).tick)).toBe(shape.tick);
  expect(fieldsOf(initialMemory(0))).toBe(written(shape.memory));
  expect(fieldsOf(storyPolicy)).toBe(written(shape.policy));
});
