/** What each event, answer and command changes in what the actuator knows. */
import type { FlyballEvent, RecordedEvent, WorkloadKey } from '@flyball/contracts';
import type { ActuatorCommand, ActuatorInput, ActuatorOutput, ReplicasSeen } from './input.ts';
import { decisionLateMs } from './input.ts';
import {
  type ActuatedWorkload,
  type ActuatorState,
  isForgotten,
  isReached,
  newWorkload,
  type Wake,
} from './state.ts';
import { beginAnew, causeOf, noteFailed } from './tries.ts';

/** Neither done nor under way: a newer decision means that it never will be. */
const isWaiting = (workload: ActuatedWorkload): boolean => {
  const { target, observed, scaling } = workload;
  return target !== null && !isReached(target, observed) && scaling !== target.causeId;
};

const foldDecided = (
  state: ActuatorState,
  workload: ActuatedWorkload,
  event: FlyballEvent<'Decided'>,
): void => {
  const traceparent = event.traceparent ?? null;
  const { id: decisionId } = event;
  const { to, routing } = event.data;
  const { target, tries } = workload;
  workload.everDecided = true;
  workload.wake = null;
  // Told again with the same number, what is being tried goes on under its own name.
  if (target?.to !== to || target.atLeast || tries?.refused === true) {
    if (target !== null && target.to !== to && isWaiting(workload)) {
      state.overtaken = { to: target.to, decisionId: target.decisionId };
    }
    const cause = { decisionId, causeId: decisionId, because: 'decided', traceparent } as const;
    workload.target = { to, atLeast: false, ...cause };
    workload.tries = null;
  }
  if (workload.routingTarget?.routing !== routing) {
    workload.routingTarget = { routing, decisionId, causeId: decisionId, traceparent };
    workload.routingTries = null;
  }
};

/**
 * A decision that came while a wake was being obeyed stands, with the numbers of its tries. When it
 * was done before, it has used up its name: what the wake has changed is put right by the wake's.
 */
const undoLate = (workload: ActuatedWorkload, before: number, causeId: string): void => {
  const { target, observed } = workload;
  if (target === null || !isReached(target, before) || isReached(target, observed)) return;
  workload.target = { ...target, causeId };
};

/** A decision takes every wake before it away; whoever was still under way is answered late. */
const isLate = (wake: Wake | null, wakeId: string): boolean =>
  wake?.id !== wakeId && wake?.before !== wakeId;

const foldOwn = (workload: ActuatedWorkload, event: FlyballEvent): void => {
  if (event.type === 'ScaleApplied') {
    const { to, because, decisionId } = event.data as FlyballEvent<'ScaleApplied'>['data'];
    const before = workload.observed;
    workload.observed = to;
    workload.unexplained = null;
    workload.scaling = null;
    if (because === 'woken' && isLate(workload.wake, decisionId)) {
      undoLate(workload, before, event.id);
      return;
    }
    if (because === 'woken') {
      const traceparent = event.traceparent ?? null;
      const cause = { decisionId, causeId: decisionId, because, traceparent };
      workload.target = { to, atLeast: true, ...cause };
      workload.wake = null;
    }
    workload.tries = beginAnew(workload.tries, workload.wake);
  } else if (event.type === 'ScaleFailed') {
    workload.tries = noteFailed(workload.tries, event as FlyballEvent<'ScaleFailed'>);
    workload.scaling = null;
  } else if (event.type === 'RoutingApplied') {
    const { routing } = event.data as FlyballEvent<'RoutingApplied'>['data'];
    const { routingTarget } = workload;
    // Asked for once more while it was under way, it may have been done before what asked for it.
    const isStale = routingTarget?.routing === routing && routingTarget.causeId !== causeOf(event);
    workload.routingApplied = isStale ? null : routing;
    workload.routingTries = null;
    workload.routingChanging = false;
  } else if (event.type === 'RoutingFailed') {
    const failed = event as FlyballEvent<'RoutingFailed'>;
    workload.routingTries = noteFailed(workload.routingTries, failed);
    workload.routingChanging = false;
  }
};

const foldDrift = (workload: ActuatedWorkload, event: FlyballEvent<'ReplicasDrifted'>): void => {
  workload.observed = event.data.observed;
  workload.unexplained = null;
  if (workload.target === null) return;
  workload.target = { ...workload.target, causeId: event.id, because: 'drifted' };
  workload.tries = beginAnew(workload.tries, workload.wake);
};

/**
 * What the log has forgotten may have been done to the platform, which tells replicas but not where
 * it leads requests: that is asked for once more, under the name of the loss.
 */
const foldTruncated = ({ workloads }: ActuatorState, event: FlyballEvent<'LogTruncated'>): void => {
  for (const workload of Object.values(workloads)) {
    if (workload.routingTarget === null) continue;
    workload.routingTarget = { ...workload.routingTarget, causeId: event.id };
    workload.routingApplied = null;
    workload.routingTries = null;
  }
};

/**
 * Another Service leads to it: whatever that one's requests go through now, it is to be what was
 * decided. The platform is asked once more, under the name of what told the hosts.
 */
const foldReachable = (
  workload: ActuatedWorkload,
  event: FlyballEvent<'WorkloadReachable'>,
): void => {
  if (event.data.hosts === undefined || workload.routingTarget === null) return;
  workload.routingTarget = { ...workload.routingTarget, causeId: event.id };
  workload.routingApplied = null;
  workload.routingTries = null;
};

const foldAppeared = (state: ActuatorState, event: FlyballEvent<'WorkloadAppeared'>): void => {
  const key = event.workload as WorkloadKey;
  const { uid, replicas } = event.data;
  const known = state.workloads[key];
  if (known?.uid === uid) return;
  state.workloads[key] = { ...newWorkload(uid, replicas), policy: known?.policy ?? null };
};

/**
 * The first one keeps its name for as long as more follow, so that its tries keep their pauses.
 * Made of the log alone: a new owner is to find the same of an answer that comes late.
 */
const foldWake = (workload: ActuatedWorkload, event: FlyballEvent<'WakeRequested'>): void => {
  const { id, atMs, traceparent = null } = event;
  const { wake } = workload;
  if (wake === null) workload.wake = { id, atMs, traceparent };
  else if (isForgotten(wake, atMs)) workload.wake = { id, atMs, traceparent, before: wake.id };
  else workload.wake = { ...wake, atMs: Math.max(wake.atMs, atMs) };
};

const foldWorkloadEvent = (
  state: ActuatorState,
  workload: ActuatedWorkload,
  event: RecordedEvent,
): void => {
  if (event.type === 'Decided') foldDecided(state, workload, event);
  else if (event.type === 'PolicySet') workload.policy = event.data.policy;
  else if (event.type === 'ReplicasDrifted') foldDrift(workload, event);
  else if (event.type === 'WorkloadReachable') foldReachable(workload, event);
  else if (event.type === 'WakeRequested') foldWake(workload, event);
  else foldOwn(workload, event);
};

const foldEvent = (state: ActuatorState, event: RecordedEvent): void => {
  const { workload: key } = event;
  state.overtaken = null;
  if (event.type === 'DecidedThrough') {
    if (event.data.tickAtMs >= state.decidedThroughAtMs) state.decidedHeardAtMs = null;
    state.decidedThroughAtMs = Math.max(state.decidedThroughAtMs, event.data.tickAtMs);
  }
  if (event.type === 'LogTruncated') foldTruncated(state, event);
  if (key === undefined) return;
  if (event.type === 'WorkloadAppeared') foldAppeared(state, event);
  else if (event.type === 'WorkloadGone') {
    delete state.workloads[key];
    state.waiting.delete(key);
  } else {
    // A policy may be told before its workload.
    if (event.type === 'PolicySet') state.workloads[key] ??= newWorkload('', 0);
    const workload = state.workloads[key];
    if (workload !== undefined) foldWorkloadEvent(state, workload, event);
  }
};

const foldSeen = (state: ActuatorState, seen: ReplicasSeen): void => {
  const workload = state.workloads[seen.workload];
  if (workload === undefined) return;
  const { replicas, resourceVersion } = seen;
  const explained = workload.observed === replicas;
  const afterTickMs = state.decidedThroughAtMs;
  const unexplained = { replicas, resourceVersion, afterTickMs, spokenAtMs: null };
  workload.unexplained = explained ? null : unexplained;
};

/**
 * The decider has spoken since, and did not explain it: true when it is to be put right now. It is
 * stored in any order: a decision may come a little after the word that its tick was decided.
 */
const believeUnexplained = (state: ActuatorState, key: WorkloadKey): boolean => {
  const workload = state.workloads[key];
  if (workload?.unexplained == null || workload.scaling !== null) return false;
  const { replicas, resourceVersion, afterTickMs } = workload.unexplained;
  if (state.decidedThroughAtMs <= afterTickMs) return false;
  workload.unexplained.spokenAtMs ??= state.nowMs;
  if (state.nowMs - workload.unexplained.spokenAtMs < decisionLateMs) return false;
  workload.unexplained = null;
  workload.observed = replicas;
  if (workload.target === null || isReached(workload.target, replicas)) return false;
  // A name of its own: the decision may have been applied under its own name already.
  const causeId = `${workload.target.decisionId}:v${resourceVersion}`;
  workload.target = { ...workload.target, causeId, because: 'drifted' };
  return true;
};

const foldCommand = (state: ActuatorState, command: ActuatorCommand): void => {
  const workload = state.workloads[command.workload];
  if (workload === undefined) return;
  if (command.type === 'ApplyScale') workload.scaling = command.causeId;
  else workload.routingChanging = true;
};

/** Whoever may be moved by time alone is looked at when the timer rings. */
const noteWaiting = (state: ActuatorState, key: WorkloadKey | undefined): void => {
  const workload = key === undefined ? undefined : state.workloads[key];
  if (key === undefined || workload === undefined) return;
  const { target, observed, routingTries, unexplained } = workload;
  const tries = target === null || isReached(target, observed) ? null : workload.tries;
  const isForgot = workload.wake !== null && isForgotten(workload.wake, state.nowMs);
  const wake = observed > 0 || isForgot ? null : workload.wake;
  const waits = [tries, routingTries, wake, unexplained].some((one) => one !== null);
  if (waits) state.waiting.add(key);
  else state.waiting.delete(key);
};

const passTime = (state: ActuatorState): void => {
  for (const key of state.waiting) {
    if (!believeUnexplained(state, key)) noteWaiting(state, key);
  }
};

/** What was heard since a time was told last is as new as this one: nobody knows it better. */
const tellTime = (state: ActuatorState, atMs: number): void => {
  state.nowMs = Math.max(state.nowMs, atMs);
  state.decidedHeardAtMs ??= state.nowMs;
};

/** Folds one fact; total, and never refuses. */
export const foldActuator = (
  state: ActuatorState,
  fact: ActuatorInput | ActuatorOutput,
): ActuatorState => {
  switch (fact.type) {
    case 'CaughtUp':
      state.live = true;
      tellTime(state, fact.atMs);
      for (const key of Object.keys(state.workloads)) noteWaiting(state, key as WorkloadKey);
      passTime(state);
      return state;
    case 'TimerRang':
      tellTime(state, fact.atMs);
      passTime(state);
      return state;
    case 'ReplicasSeen':
      foldSeen(state, fact);
      noteWaiting(state, fact.workload);
      return state;
    case 'ScaleAnswered':
    case 'RoutingAnswered': {
      tellTime(state, fact.atMs);
      const workload = state.workloads[fact.command.workload];
      if (workload !== undefined && fact.type === 'ScaleAnswered') workload.scaling = null;
      if (workload !== undefined && fact.type === 'RoutingAnswered') {
        workload.routingChanging = false;
      }
      return state;
    }
    case 'ApplyScale':
    case 'ApplyRouting':
      foldCommand(state, fact);
      return state;
    default:
      foldEvent(state, fact as RecordedEvent);
      noteWaiting(state, (fact as RecordedEvent).workload);
      return state;
  }
};
