/** A partition with one workload and a load that rises and falls, written into a log for tests. */
import {
  type EventDataByName,
  type EventName,
  encodeEvent,
  type FlyballEvent,
  type Pen,
  type Policy,
  type WorkloadKey,
} from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import type { DeciderState } from '@flyball/domain';
import {
  decider,
  deciderSnapshot,
  deciderSnapshotVersion,
  deciderStateFrom,
} from '@flyball/domain';
import type { EventLog, StoredMessage } from '@flyball/event-log';
import type { DeterministicStage } from '../deterministic-stage.ts';
import { type Fence, fenceAfter, noFence, subjectOfEvent } from '../fences.ts';

export const storyPartition = 0;
const startMs = 1_767_225_600_000;

export const deterministicDecider: DeterministicStage<DeciderState> = {
  stage: decider as DeterministicStage<DeciderState>['stage'],
  ownPens: ['decisions', 'progress'],
  passesBy: ['requests', 'lost', 'incidents'],
  snapshotVersion: deciderSnapshotVersion,
  toSnapshot: deciderSnapshot,
  fromSnapshot: deciderStateFrom,
};

const policy: Policy = {
  ...storyPolicy,
  stableWindowMs: 6_000,
  panicWindowMs: 2_000,
  initialScale: 1,
  scaleToZeroGracePeriodMs: 2_000,
  targetBurstCapacity: 200,
};

type Draft<Name extends EventName> = {
  type: Name;
  pen: Pen;
  workload?: WorkloadKey;
  id: string;
  atMs: number;
  data: EventDataByName[Name];
};

const event = <Name extends EventName>(draft: Draft<Name>): FlyballEvent<Name> => ({
  partition: storyPartition,
  source: '/flyball/story',
  ...draft,
});

/** Appends the inputs of a story, each after the last of its subject; `last` is there already. */
export const createTeller = (log: EventLog, last?: StoredMessage) => {
  const fences = new Map<string, Fence>();
  if (last !== undefined) fences.set(last.subject, fenceAfter(last));
  return async (told: FlyballEvent): Promise<void> => {
    const subject = subjectOfEvent(told);
    const fence = fences.get(subject) ?? noFence;
    const { body, chain } = encodeEvent(told, fence.chain);
    const result = await log.events.append({
      subject,
      id: told.id,
      body,
      expectedLastSeq: fence.seq,
    });
    if (result.kind !== 'stored') throw new Error(`the story cannot be told: ${result.kind}`);
    fences.set(subject, { seq: result.seq, chain });
  };
};

/** The workload, its policy and its pods. */
export const opening = (workload: WorkloadKey): readonly FlyballEvent[] => [
  event({
    type: 'WorkloadAppeared',
    pen: 'platform',
    workload,
    id: `o1:platform:${workload}`,
    atMs: startMs,
    data: {
      uid: workload,
      replicas: 0,
      createdAtMs: startMs,
      adopted: false,
      resourceVersion: '1',
    },
  }),
  event({
    type: 'PolicySet',
    pen: 'policy',
    workload,
    id: `o2:policy:${workload}`,
    atMs: startMs,
    data: { policy, layers: {}, warnings: [] },
  }),
  event({
    type: 'PodAppeared',
    pen: 'platform',
    workload,
    id: `o3:platform:${workload}`,
    atMs: startMs,
    data: { pod: 'p1', address: '127.0.0.2:80', metricsAddress: null, createdAtMs: startMs },
  }),
  event({
    type: 'PodReady',
    pen: 'platform',
    workload,
    id: `o4:platform:${workload}`,
    atMs: startMs,
    data: { pod: 'p1' },
  }),
];

/** The n-th tick (from 1), at which the workloads have this concurrency. */
export const tick = (
  n: number,
  workloads: readonly WorkloadKey[],
  concurrency: number,
): FlyballEvent<'TickObserved'> => {
  const all = <Value>(value: Value): Value[] => workloads.map(() => value);
  return event({
    type: 'TickObserved',
    pen: 'ticks',
    id: `w${n}-1:ticks:0`,
    atMs: startMs + n * 2_000,
    data: {
      kind: 'tick',
      part: 1,
      parts: 1,
      samplesThroughSeq: n,
      eventsThroughSeq: 0,
      rows: {
        workloads: [...workloads],
        stableMilli: all(concurrency * 1_000),
        panicMilli: all(concurrency * 1_000),
        seen: all('measured' as const),
        coveredAtMs: all(startMs + n * 2_000 - 1_000),
        inFlight: all(null),
        traceparents: all(null),
      },
    },
  });
};

/** A load that rises, falls and rises again: each tick decides something. */
export const loads: readonly number[] = [5, 25, 60, 95, 40, 12, 130, 8, 70, 33];
