/** What becomes of a want that stands: bounds, the gate to zero, activity and routing. */
import type { Policy } from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import { describe, expect, it } from 'vitest';
import type { Assessment } from '../assessment.ts';
import { unknownWorkload, type WorkloadState } from '../workload-state.ts';
import { assess as assessLoad, assessStandingWant } from './assess.ts';
import { asksPods, initialExcessBurstCapacity } from './capacity.ts';
import { floorOf } from './facts.ts';

const knative: Policy = { ...storyPolicy, behaviour: 'knative' };

/** A workload that came at 0, with what is known of it. */
const workloadWith = (
  memory: Partial<WorkloadState['memory']> = {},
  known: Partial<WorkloadState> = {},
): WorkloadState => {
  const unknown = unknownWorkload(0);
  return { ...unknown, ...known, memory: { ...unknown.memory, ...memory } };
};

const assess = (workload: WorkloadState, atMs: number, policy = knative): Assessment =>
  assessStandingWant(workload, policy, { atMs, inFlight: null, policyId: 'p' });

describe('a want that stands', () => {
  it('is bounded and asked for as though nothing were observed', () => {
    const policy = { ...knative, maxScale: 3 };
    const workload = workloadWith({ desired: 5, initialised: true }, { asked: 1, readyPods: 1 });
    const found = assess(workload, 1000, policy);
    expect(found).toMatchObject({ to: 3, want: 3, desired: 5, waiting: null });
    const moment = { atMs: 1000, inFlight: null, policyId: 'p' };
    expect(assessLoad(workload, policy, moment)).toMatchObject({ to: 3, want: 3, desired: 5 });
  });

  it('stands also where silence would be a load of zero', () => {
    const policy = { ...knative, targetBurstCapacity: -1 };
    expect(asksPods(policy)).toBe(false);
    const workload = workloadWith({ desired: 5, initialised: true }, { asked: 5, readyPods: 5 });
    expect(assess(workload, 1000, policy)).toMatchObject({ to: 5, routing: 'activator' });
  });

  it('of zero goes through the gate, and says what it waits for', () => {
    const active = { kind: 'active', sinceMs: 0 } as const;
    const memory = { desired: 0, initialised: true, activity: active };
    const workload = workloadWith(memory, { asked: 4, readyPods: 4 });
    expect(assess(workload, 1000)).toMatchObject({ to: 1, want: 1, waiting: null });
    const idle = assess(workload, 60_000);
    expect(idle).toMatchObject({ to: 4, want: 0, waiting: 'no-traffic', routing: 'activator' });
  });
});

describe('before the first decision', () => {
  it('the spare capacity is that of the initial scale, cut towards zero', () => {
    const half = { ...knative, totalValue: 0.5, targetBurstCapacity: 211, initialScale: 1 };
    expect(initialExcessBurstCapacity(half)).toBe(-210);
    expect(initialExcessBurstCapacity({ ...half, targetBurstCapacity: 0 })).toBe(0);
    expect(initialExcessBurstCapacity({ ...half, targetBurstCapacity: -1 })).toBe(-1);
  });

  it('Knative leads to the pods when that is enough; ours waits for a number', () => {
    const policy = { ...knative, initialScale: 3, totalValue: 100, targetBurstCapacity: 211 };
    const workload = workloadWith();
    expect(assess(workload, 0, policy)).toMatchObject({ to: 3, routing: 'pods' });
    const ours = assess(workload, 0, { ...policy, behaviour: 'flyball' });
    expect(ours).toMatchObject({ to: 3, routing: 'activator' });
  });
});

describe('one that cannot be activated', () => {
  const policy = { ...knative, progressDeadlineMs: 10_000 };
  const workload = workloadWith({ desired: 0, initialised: true }, { asked: 1 });

  it('is given up after the deadline and 30 s, and says so once', () => {
    expect(assess(workload, 40_000, policy)).toMatchObject({ to: 1, waiting: 'queued' });
    const given = assess(workload, 40_001, policy);
    expect(given).toMatchObject({ to: 0, want: 0, waiting: 'timed-out' });
    const after = { ...workload, asked: 0, memory: given.memory };
    const later = assess(after, 42_000, policy);
    expect(later).toMatchObject({ waiting: 'no-traffic' });
  });

  it('in Knative is inactive anew once that is no longer the reason', () => {
    const given = assess(workload, 40_001, policy);
    expect(given.memory.activity.sinceMs).toBe(40_001);
    const after = { ...workload, asked: 0, memory: given.memory };
    const later = assess(after, 42_000, policy).memory;
    expect(later.activity).toEqual({ kind: 'inactive', sinceMs: 42_000 });
    const calm = assess({ ...after, memory: later }, 44_000, policy).memory;
    expect(calm.activity).toEqual(later.activity);
    const ours = assess(after, 42_000, { ...policy, behaviour: 'flyball' }).memory;
    expect(ours.activity.sinceMs).toBe(40_001);
  });
});

it('the floor of what nothing routes to is zero, unless the policy keeps it', () => {
  const policy = { ...knative, minScale: 2 };
  expect(floorOf({ reachable: true }, policy)).toBe(2);
  expect(floorOf({ reachable: false }, policy)).toBe(0);
  expect(floorOf({ reachable: false }, { ...policy, minScaleWhenUnreachable: true })).toBe(2);
});
