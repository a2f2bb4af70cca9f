/** What each event, answer and command changes in what the actuator knows. */
import type { FlyballEvent, RecordedEvent, WorkloadKey } from '@flyball/contracts';
import type { ActuatorCommand, ActuatorInput, ActuatorOutput } from './input.ts';
import { believeUnexplained, foldDrift, foldScaleApplied, foldSeen } from './replicas.ts';
import { type ActuatedWorkload, type ActuatorState, isReached, newWorkload } from './state.ts';
import { causeOf, noteFailed } from './tries.ts';
import { foldWake, hearOldWakes, hearWakes, isAsked } from './wakes.ts';

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
  const { routingTarget, routingApplied } = workload;
  if (routingTarget?.routing !== routing) {
    // What was decided before, and is not known to be done, may be: in full, by half or not at all.
    const isUnknown = routingTarget !== null && routingTarget.routing !== routingApplied;
    if (isUnknown) workload.routingApplied = null;
    workload.routingTarget = { routing, decisionId, causeId: decisionId, traceparent };
    workload.routingTries = null;
  }
};

const foldOwn = (workload: ActuatedWorkload, event: FlyballEvent): void => {
  if (event.type === 'ScaleApplied') {
    foldScaleApplied(workload, event as FlyballEvent<'ScaleApplied'>);
    workload.scaling = null;
  } else if (event.type === 'ScaleFailed') {
    workload.tries = noteFailed(workload.tries, event as FlyballEvent<'ScaleFailed'>);
    workload.scaling = null;
  } else if (event.type === 'RoutingApplied') {
    const { routing } = event.data as FlyballEvent<'RoutingApplied'>['data'];
    const { routingTarget } = workload;
    // Asked for once more while it was under way, it may have been done before what asked for it;
    // what nobody asked for was done to the workload that had its name before.
    const isSame = routingTarget?.routing === routing && routingTarget.causeId !== causeOf(event);
    const isStale = routingTarget === null || isSame;
    workload.routingApplied = isStale ? null : routing;
    workload.routingTries = null;
    workload.routingChanging = false;
  } else if (event.type === 'RoutingFailed') {
    const failed = event as FlyballEvent<'RoutingFailed'>;
    workload.routingTries = noteFailed(workload.routingTries, failed);
    workload.routingChanging = false;
  }
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
  const { uid, replicas, resourceVersion } = event.data;
  const known = state.workloads[key];
  if (known?.uid === uid) return;
  const workload = newWorkload(uid, replicas, resourceVersion);
  state.workloads[key] = { ...workload, policy: known?.policy ?? null };
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
  else if (event.type === 'WakeRequested') foldWake(state, workload, event);
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
    state.unheard.delete(key);
  } else {
    // A policy may be told before its workload.
    if (event.type === 'PolicySet') state.workloads[key] ??= newWorkload('', 0, '');
    const workload = state.workloads[key];
    if (workload !== undefined) foldWorkloadEvent(state, workload, event);
  }
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
  const isAwaited = state.unheard.has(key) || (observed === 0 && isAsked(workload, state.nowMs));
  const waits = [tries, routingTries, unexplained].some((one) => one !== null);
  if (waits || isAwaited) state.waiting.add(key);
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
  hearWakes(state);
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
      hearOldWakes(state);
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
      const { workload: key, uid } = fact.command;
      const workload = state.workloads[key];
      if (workload?.uid !== uid) return state;
      if (fact.type === 'ScaleAnswered') workload.scaling = null;
      else workload.routingChanging = false;
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
