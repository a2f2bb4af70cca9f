/** What one workload's own events change in what the decider knows of it. */
import type { AnyEvent, EventName, FlyballEvent, RecordedEvent } from '@flyball/contracts';
import { fixesOf } from './algorithm/fixes.ts';
import { panicAtStart } from './algorithm/panic.ts';
import {
  initialMemory,
  type PodPhase,
  unknownWorkload,
  type WorkloadState,
} from './workload-state.ts';

/** Events that can be the first that is heard of a workload. */
const introducing: ReadonlySet<EventName> = new Set<EventName>([
  'WorkloadAppeared',
  'WorkloadReachable',
  'WorkloadUnreachable',
  'PolicySet',
  'PodAppeared',
  'PodReady',
  'PlatformUnseen',
]);

export const introduces = (event: AnyEvent): boolean => introducing.has(event.type);

/** Counted one by one: thousands of pods must not each count all the others. */
const count = (workload: WorkloadState, phase: PodPhase | undefined, by: 1 | -1): void => {
  if (phase === 'ready') workload.readyPods += by;
  else if (phase === 'starting') workload.startingPods += by;
};

const setPod = (workload: WorkloadState, pod: string, phase: PodPhase): void => {
  count(workload, workload.pods[pod], -1);
  workload.pods[pod] = phase;
  count(workload, phase, 1);
};

type PodEvent = FlyballEvent<'PodAppeared' | 'PodReady' | 'PodUnready' | 'PodGone'>;

const foldPod = (workload: WorkloadState, { type, data }: PodEvent): void => {
  switch (type) {
    case 'PodAppeared':
      // Told again when its address became known: its phase stays.
      if (workload.pods[data.pod] === undefined) setPod(workload, data.pod, 'starting');
      return;
    case 'PodReady':
      setPod(workload, data.pod, 'ready');
      return;
    case 'PodUnready':
      setPod(workload, data.pod, 'unready');
      return;
    case 'PodGone':
      count(workload, workload.pods[data.pod], -1);
      delete workload.pods[data.pod];
  }
};

/** Once both the workload and its policy are known. */
const begin = (workload: WorkloadState): void => {
  if (workload.uid === null || workload.policy === null || workload.firstDelayMs !== null) return;
  workload.firstDelayMs = workload.policy.scaleDownDelayMs;
  if (workload.adopting === null || fixesOf(workload.policy).has('adoption')) return;
  const panic = panicAtStart(workload.adopting, workload.memory.activity.sinceMs);
  workload.memory = { ...workload.memory, ...panic };
};

const appear = (workload: WorkloadState, event: FlyballEvent<'WorkloadAppeared'>): void => {
  const { uid, replicas, adopted } = event.data;
  if (workload.uid === uid) return;
  // The same name with another uid is another workload: only what was told before it came stays.
  if (workload.uid !== null) {
    const { policy, policyId } = workload;
    Object.assign(workload, unknownWorkload(event.atMs), { policy, policyId });
  }
  workload.uid = uid;
  workload.asked = replicas;
  workload.adopting = adopted && replicas > 0 ? replicas : null;
  const memory = initialMemory(event.atMs);
  workload.memory =
    workload.adopting === null
      ? memory
      : { ...memory, activity: { kind: 'active', sinceMs: event.atMs }, initialised: true };
  begin(workload);
};

const routeThrough = (workload: WorkloadState, event: FlyballEvent<'RoutingApplied'>): void => {
  const { routing, appliedAtMs } = event.data;
  if (workload.routing?.applied === routing) return;
  workload.routing = { applied: routing, sinceMs: appliedAtMs };
};

/**
 * Obeyed while nobody decided. One that was inactive comes up as though that had been decided: it
 * is there for its time, also where its request has ended or is in no whole second yet.
 */
const wakeUp = (workload: WorkloadState, event: FlyballEvent<'ScaleApplied'>): void => {
  const { to, appliedAtMs } = event.data;
  workload.asked = to;
  if (workload.memory.activity.kind !== 'inactive') return;
  const activity = { kind: 'activating', sinceMs: appliedAtMs } as const;
  workload.memory = { ...workload.memory, activity };
};

/** Changes the workload in place; answers whether it should be evaluated at the next tick. */
export const foldWorkload = (workload: WorkloadState, event: RecordedEvent): boolean => {
  switch (event.type) {
    case 'WorkloadAppeared':
      appear(workload, event);
      return true;
    case 'PolicySet':
      workload.policy = event.data.policy;
      workload.policyId = event.id;
      begin(workload);
      return true;
    case 'WorkloadReachable':
    case 'WorkloadUnreachable':
      workload.reachable = event.type === 'WorkloadReachable';
      return true;
    case 'PlatformUnseen':
    case 'PlatformSeen':
      workload.platformSeen = event.type === 'PlatformSeen';
      return true;
    case 'PodAppeared':
    case 'PodReady':
    case 'PodUnready':
    case 'PodGone':
      foldPod(workload, event);
      return true;
    case 'RoutingApplied':
      routeThrough(workload, event);
      return true;
    case 'ScaleApplied':
      // A wake without a decider is the only scale that no decision asked for.
      if (event.data.because !== 'woken') return false;
      wakeUp(workload, event);
      return true;
    case 'Decided':
    case 'WorkloadGone':
    case 'TickObserved':
    case 'DecidedThrough':
    case 'PolicyRefused':
    case 'ReplicasDrifted':
    case 'ScaleFailed':
    case 'ScaleSuperseded':
    case 'RoutingFailed':
    case 'RequestsCounted':
    case 'RequestsLost':
    case 'ColdStartCompleted':
    case 'WakeRequested':
    case 'LogTruncated':
    case 'SamplesReported':
    case 'MinuteRecorded':
    case 'DeadLettered':
    case 'DeadLetterDropped':
    case 'DeadLetterRetried':
      return false;
  }
};
