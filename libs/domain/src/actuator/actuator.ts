/** The actuator: makes the platform ask for what was decided, and says what came of it. */
import { eventFrom, type FlyballEvent, type WorkloadKey } from '@flyball/contracts';
import type { Stage } from '../stage.ts';
import { foldActuator } from './fold.ts';
import {
  type ActuatorInput,
  type ActuatorOutput,
  actuatorSource,
  deciderSilentMs,
  type RoutingAnswered,
  type ScaleAnswered,
} from './input.ts';
import {
  type ActuatedWorkload,
  type ActuatorState,
  initialActuatorState,
  isReached,
  type Target,
  type WakePolicy,
} from './state.ts';
import { nextTry, routingAnswerId, scaleAnswerId } from './tries.ts';
import { isAsked } from './wakes.ts';

/** Enough to answer a request; a workload that was never decided gets its initial scale. */
export const wakeScale = (policy: WakePolicy, everDecided: boolean): number => {
  const { minScale, maxScale, initialScale, activationScale } = policy;
  const wanted = Math.max(1, minScale, activationScale, everDecided ? 0 : initialScale);
  return maxScale > 0 ? Math.min(wanted, maxScale) : wanted;
};

/** A wake is obeyed only while the decider is silent: otherwise it answers the same requests. */
const wakeTarget = (state: ActuatorState, workload: ActuatedWorkload): Target | null => {
  const { wake, policy, observed, unexplained, everDecided } = workload;
  if (wake === null || policy === null || observed > 0) return null;
  if (!isAsked(workload, state.nowMs)) return null;
  if (unexplained !== null && unexplained.replicas > 0) return null;
  // A tick of a clock that was ahead is as old as it was heard: it would be new for as long.
  const { nowMs, decidedThroughAtMs, decidedHeardAtMs } = state;
  const isAhead = decidedThroughAtMs > nowMs;
  const silentMs = nowMs - (isAhead ? (decidedHeardAtMs ?? nowMs) : decidedThroughAtMs);
  if (silentMs <= deciderSilentMs) return null;
  const { id, traceparent } = wake;
  // What was decided before and could not be done yet is not to be forgotten for it.
  const to = Math.max(wakeScale(policy, everDecided), workload.target?.to ?? 0);
  return { to, atLeast: true, decisionId: id, causeId: id, because: 'woken', traceparent };
};

const scaleCommand = (
  state: ActuatorState,
  key: WorkloadKey,
  workload: ActuatedWorkload,
): ActuatorOutput[] => {
  if (workload.scaling !== null) return [];
  const target = wakeTarget(state, workload) ?? workload.target;
  if (target === null || isReached(target, workload.observed)) return [];
  const attempt = nextTry(workload.tries, target.causeId, state.nowMs);
  if (attempt === null) return [];
  return [{ type: 'ApplyScale', workload: key, uid: workload.uid, ...target, attempt }];
};

const routingCommand = (
  state: ActuatorState,
  key: WorkloadKey,
  workload: ActuatedWorkload,
): ActuatorOutput[] => {
  const { routingTarget, routingApplied, routingTries, routingChanging } = workload;
  if (routingTarget === null || routingChanging) return [];
  if (routingTarget.routing === routingApplied) return [];
  const attempt = nextTry(routingTries, routingTarget.causeId, state.nowMs);
  if (attempt === null) return [];
  return [{ type: 'ApplyRouting', workload: key, uid: workload.uid, ...routingTarget, attempt }];
};

/** Level, not edge: what should be against what is, whatever was the last to say so. */
const commandsFor = (state: ActuatorState, key: WorkloadKey | undefined): ActuatorOutput[] => {
  const workload = key === undefined ? undefined : state.workloads[key];
  if (key === undefined || workload === undefined || !state.live) return [];
  return [...scaleCommand(state, key, workload), ...routingCommand(state, key, workload)];
};

const commandsForAll = (state: ActuatorState): ActuatorOutput[] =>
  Object.keys(state.workloads).flatMap((key) => commandsFor(state, key as WorkloadKey));

const causeOfAnswer = (answer: ScaleAnswered | RoutingAnswered) => {
  const { command, atMs } = answer;
  const id =
    answer.type === 'ScaleAnswered'
      ? scaleAnswerId(answer.command)
      : routingAnswerId(answer.command);
  return command.traceparent === null
    ? { id, atMs }
    : { id, atMs, traceparent: command.traceparent };
};

const scaleEvent = (state: ActuatorState, answer: ScaleAnswered): ActuatorOutput => {
  const { command, result, atMs } = answer;
  const { workload, to, decisionId, attempt, because } = command;
  const draft = {
    pen: 'actions' as const,
    workload,
    partition: state.partition,
    source: actuatorSource,
    cause: causeOfAnswer(answer),
  };
  if (result.ok) {
    const { from, resourceVersion } = result;
    const data = { from, to, decisionId, appliedAtMs: atMs, attempt, resourceVersion, because };
    return eventFrom({ type: 'ScaleApplied', ...draft, data });
  }
  const { code, message, retriable } = result;
  const data = { to, decisionId, attempt, code, message, retriable };
  return eventFrom({ type: 'ScaleFailed', ...draft, data });
};

const routingEvent = (state: ActuatorState, answer: RoutingAnswered): ActuatorOutput => {
  const { command, result, atMs } = answer;
  const { workload, routing, decisionId, attempt } = command;
  const draft = {
    pen: 'actions' as const,
    workload,
    partition: state.partition,
    source: actuatorSource,
    cause: causeOfAnswer(answer),
  };
  if (result.ok) {
    const data = { routing, decisionId, appliedAtMs: atMs };
    return eventFrom({ type: 'RoutingApplied', ...draft, data });
  }
  const { code, message, retriable } = result;
  const data = { routing, decisionId, attempt, code, message, retriable };
  return eventFrom({ type: 'RoutingFailed', ...draft, data });
};

/** A workload that is gone has no history to add to, whoever has its name now. */
const answered = (state: ActuatorState, answer: ScaleAnswered | RoutingAnswered) => {
  const { workload: key, uid } = answer.command;
  const known = state.workloads[key];
  if (known?.uid !== uid) return [];
  const event =
    answer.type === 'ScaleAnswered' ? scaleEvent(state, answer) : routingEvent(state, answer);
  // What it leads to is seen once it is folded.
  const after = foldActuator(
    { ...state, workloads: { [key]: { ...known } }, waiting: new Set() },
    event,
  );
  return [event, ...commandsFor(after, key)];
};

/** A decision that was not being applied yet, and now never will be. */
const superseded = (state: ActuatorState, event: FlyballEvent<'Decided'>): ActuatorOutput[] => {
  const { overtaken } = state;
  if (overtaken === null || !state.live) return [];
  const data = { ...overtaken, byDecisionId: event.id };
  return [
    eventFrom({
      type: 'ScaleSuperseded',
      pen: 'actions',
      workload: event.workload as WorkloadKey,
      partition: state.partition,
      source: actuatorSource,
      cause: event,
      data,
    }),
  ];
};

/**
 * Commands come only after CaughtUp. Each try's answer is fed back as an input; its event is the
 * only one of its input. Zero is only ever asked for because it was decided.
 */
export const actuator: Stage<ActuatorInput, ActuatorState, ActuatorOutput> = {
  name: 'actuator',
  initialState: initialActuatorState,
  evolve: foldActuator,
  decide: (input, state) => {
    switch (input.type) {
      case 'CaughtUp':
      case 'LogTruncated':
        return commandsForAll(state);
      case 'TimerRang':
        return [...state.waiting].flatMap((key) => commandsFor(state, key));
      case 'ReplicasSeen':
        return [];
      case 'ScaleAnswered':
      case 'RoutingAnswered':
        return answered(state, input);
      case 'Decided':
        return [...superseded(state, input), ...commandsFor(state, input.workload)];
      default:
        return commandsFor(state, input.workload);
    }
  },
};
