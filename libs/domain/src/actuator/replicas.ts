/** How many replicas a workload asks for, by what the log and the platform say of it. */
import type { FlyballEvent, WorkloadKey } from '@flyball/contracts';
import { decisionLateMs, type ReplicasSeen } from './input.ts';
import { isOlderVersion } from './resource-version.ts';
import { type ActuatedWorkload, type ActuatorState, isReached, type Wake } from './state.ts';
import { beginAnew, causeOf } from './tries.ts';

/** What the platform has shown since is not taken back by it. */
const observe = (workload: ActuatedWorkload, replicas: number, resourceVersion: string): void => {
  workload.observed = replicas;
  workload.observedVersion = resourceVersion;
  const { unexplained } = workload;
  if (unexplained === null) return;
  const isNewer = isOlderVersion(resourceVersion, unexplained.resourceVersion);
  if (!isNewer || unexplained.replicas === replicas) workload.unexplained = null;
};

/**
 * A decision that came while a wake was being obeyed stands, with the numbers of its tries. When it
 * was done before, it has used up its name: what the wake has changed is put right by the wake's.
 */
const undoLate = (workload: ActuatedWorkload, before: number, causeId: string): void => {
  const { target, observed, driftId } = workload;
  // A drift that came meanwhile has given it a name that was not used.
  if (target === null || target.causeId === driftId) return;
  if (!isReached(target, before) || isReached(target, observed)) return;
  workload.target = { ...target, causeId };
};

/** A decision takes every wake before it away; whoever was still under way is answered late. */
const isLate = (wake: Wake | null, wakeId: string): boolean =>
  wake?.id !== wakeId && wake?.before !== wakeId;

/**
 * Somebody wrote after it, and that was handled before its answer. What is made for the newest
 * cause is newer than all that was told: a platform that was restored counts from behind.
 */
const isOutdated = (workload: ActuatedWorkload, event: FlyballEvent<'ScaleApplied'>): boolean =>
  workload.target?.causeId !== causeOf(event) &&
  isOlderVersion(event.data.resourceVersion, workload.observedVersion);

/** Folds the same before and after a drift, as their versions order them. */
export const foldScaleApplied = (
  workload: ActuatedWorkload,
  event: FlyballEvent<'ScaleApplied'>,
): void => {
  const { to, because, decisionId, resourceVersion } = event.data;
  const before = workload.observed;
  const isOld = isOutdated(workload, event);
  if (!isOld) observe(workload, to, resourceVersion);
  if (because === 'woken' && isLate(workload.wake, decisionId)) {
    if (!isOld) undoLate(workload, before, event.id);
  } else {
    if (because === 'woken') {
      const traceparent = event.traceparent ?? null;
      const cause = isOld
        ? ({ causeId: workload.driftId ?? event.id, because: 'drifted' } as const)
        : ({ causeId: decisionId, because } as const);
      workload.target = { to, atLeast: true, decisionId, ...cause, traceparent };
      workload.wake = null;
    }
    workload.tries = beginAnew(workload.tries, workload.wake);
  }
  if (!isOld) workload.driftId = null;
};

/** Folds the same before and after an own write, as their versions order them. */
export const foldDrift = (
  workload: ActuatedWorkload,
  event: FlyballEvent<'ReplicasDrifted'>,
): void => {
  const { observed, resourceVersion } = event.data;
  const isOld = isOlderVersion(resourceVersion, workload.observedVersion);
  if (!isOld) {
    observe(workload, observed, resourceVersion);
    workload.driftId = event.id;
  }
  const { target } = workload;
  if (target === null || (isOld && target.because === 'woken')) return;
  workload.target = { ...target, causeId: event.id, because: 'drifted' };
};

/** While a write is under way its answer may say otherwise than what is older than this. */
export const foldSeen = (state: ActuatorState, seen: ReplicasSeen): void => {
  const workload = state.workloads[seen.workload];
  if (workload === undefined) return;
  const { replicas, resourceVersion } = seen;
  const explained = workload.observed === replicas && workload.scaling === null;
  const afterTickMs = state.decidedThroughAtMs;
  const unexplained = { replicas, resourceVersion, afterTickMs, spokenAtMs: null };
  workload.unexplained = explained ? null : unexplained;
};

/**
 * The decider has spoken since, and did not explain it: true when it is to be put right now. It is
 * stored in any order: a decision may come a little after the word that its tick was decided.
 */
export const believeUnexplained = (state: ActuatorState, key: WorkloadKey): boolean => {
  const workload = state.workloads[key];
  if (workload?.unexplained == null || workload.scaling !== null) return false;
  const { replicas, resourceVersion, afterTickMs } = workload.unexplained;
  if (replicas === workload.observed) {
    workload.unexplained = null;
    return false;
  }
  if (state.decidedThroughAtMs <= afterTickMs) return false;
  workload.unexplained.spokenAtMs ??= state.nowMs;
  if (state.nowMs - workload.unexplained.spokenAtMs < decisionLateMs) return false;
  observe(workload, replicas, resourceVersion);
  if (workload.target === null || isReached(workload.target, replicas)) return false;
  // A name of its own: the decision may have been applied under its own name already.
  const causeId = `${workload.target.decisionId}:v${resourceVersion}`;
  workload.target = { ...workload.target, causeId, because: 'drifted' };
  return true;
};
