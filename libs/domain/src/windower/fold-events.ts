/** Folds the partition's events: policies, pods, own ticks that came back by the log. */
import type { FlyballEvent, Pen, Policy, RecordedEvent, WorkloadKey } from '@flyball/contracts';
import { foldSentRows, keepTick } from './fold-ticks.ts';
import { applyWindowPolicy, restartWindows } from './fold-windows.ts';
import {
  type WindowedWorkload,
  type WindowerState,
  type WindowPolicy,
  workloadOf,
} from './state.ts';

/** The class whose windows are ours; an HPA's workloads and others are not evaluated. */
const ourClass = 'kpa.autoscaling.knative.dev';

const windowPolicyOf = (policy: Policy): WindowPolicy | undefined =>
  policy.class !== ourClass
    ? undefined
    : {
        metric: policy.metric === 'rps' ? 'rps' : 'concurrency',
        algorithm: policy.metricAggregationAlgorithm,
        stableWindowMs: policy.stableWindowMs,
        panicWindowMs: policy.panicWindowMs,
        panicThreshold: policy.panicThreshold,
        targetValue: policy.targetValue,
      };

const setPolicy = (
  state: WindowerState,
  workload: WindowedWorkload,
  event: FlyballEvent<'PolicySet'>,
): void => {
  const policy = windowPolicyOf(event.data.policy);
  const nowSecond = Math.max(state.committedSecond - 1, Math.floor(event.atMs / 1000) - 1);
  if (policy === undefined) {
    workload.policy = undefined;
    workload.sent = undefined;
  } else {
    applyWindowPolicy(state, workload, policy, nowSecond);
  }
};

const countReady = (workload: WindowedWorkload): void => {
  let ready = 0;
  for (const isReady of workload.pods.values()) if (isReady) ready += 1;
  workload.readyPods = ready;
};

const setPod = (
  workload: WindowedWorkload,
  pod: string,
  { ready, atMs }: { readonly ready: boolean; readonly atMs: number },
): void => {
  if (workload.pods.size === 0) workload.watchedFromMs = atMs;
  workload.pods.set(pod, ready);
  countReady(workload);
};

/** A workload that comes, or comes back, has no history: what was said was said of another one. */
const startOver = (state: WindowerState, workload: WindowedWorkload, atMs: number): void => {
  restartWindows(workload, Math.max(state.committedSecond, Math.floor(atMs / 1000)));
  workload.pods.clear();
  workload.readyPods = 0;
  workload.loads.clear();
  workload.pokedInFlight = 0;
  workload.pokeOwed = false;
  workload.sent = undefined;
  workload.watchedFromMs = atMs;
};

const foldOfWorkload = (state: WindowerState, event: RecordedEvent, key: WorkloadKey): void => {
  const workload = workloadOf(state, key);
  const minuteAtMs = Math.floor(event.atMs / 60_000) * 60_000;
  workload.activeMinuteAtMs = Math.max(workload.activeMinuteAtMs, minuteAtMs);
  switch (event.type) {
    case 'PolicySet':
      setPolicy(state, workload, event);
      break;
    case 'WorkloadAppeared':
      startOver(state, workload, event.atMs);
      break;
    case 'WorkloadGone':
      workload.policy = undefined;
      startOver(state, workload, event.atMs);
      break;
    case 'PodAppeared': {
      const { pod } = event.data;
      setPod(workload, pod, { ready: workload.pods.get(pod) ?? false, atMs: event.atMs });
      break;
    }
    case 'PodReady':
    case 'PodUnready':
      setPod(workload, event.data.pod, { ready: event.type === 'PodReady', atMs: event.atMs });
      break;
    case 'PodGone':
      workload.pods.delete(event.data.pod);
      countReady(workload);
      break;
  }
};

const foldOwnTick = (
  state: WindowerState,
  event: Extract<RecordedEvent, { type: 'TickObserved' }>,
): void => {
  const isNew = event.seq > state.eventsThroughSeq;
  keepTick(state, event);
  if (!isNew) return;
  state.eventsThroughSeq = event.seq;
  // Its rows were folded at their cause; those of an owner before us are folded here.
  if (!state.awaited.delete(event.id)) foldSentRows(state, event);
};

/** Pens of which the windower takes in nothing but their places: they need not be read. */
export const windowerPassesBy: readonly Pen[] = ['progress'];

/** What folding an event of a pen that is passed by does. */
export const passByEvent = (state: WindowerState, seq: number): WindowerState => {
  state.eventsThroughSeq = Math.max(state.eventsThroughSeq, seq);
  return state;
};

/** Folds an event of the log; one that was folded before changes nothing. */
export const foldEvent = (state: WindowerState, event: RecordedEvent): void => {
  if (event.type === 'TickObserved') {
    foldOwnTick(state, event);
  } else if (event.seq > state.eventsThroughSeq) {
    state.eventsThroughSeq = event.seq;
    if (event.workload !== undefined) foldOfWorkload(state, event, event.workload);
  }
};
