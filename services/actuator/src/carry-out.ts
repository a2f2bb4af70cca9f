/** Carries commands out on the platform, and tells the stage what came of them. */
import { OutsideError, partitionFilter, type WorkloadKey } from '@flyball/contracts';
import type {
  ActuatorCommand,
  ActuatorInput,
  ActuatorState,
  ApplyRouting,
  ApplyScale,
  ScaleAnswered,
} from '@flyball/domain';
import type { EventLog } from '@flyball/event-log';
import type { Platform } from '@flyball/platform';
import { type Clock, type LiveState, type Ownership, retryOutside, sleep } from '@flyball/service';
import type { LimitFunction } from 'p-limit';
import type { ResourceVersions } from './resource-versions.ts';
import type { WriteVersions } from './write-versions.ts';

const refoldPollMs = 5;

export interface CarryOutOptions {
  readonly log: EventLog;
  readonly platform: Platform;
  /** What the platform shows. */
  readonly shown: ResourceVersions;
  readonly writeVersions: WriteVersions;
  readonly partition: number;
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly limit: LimitFunction;
  readonly onAnswer: (kind: string, result: string, durationMs: number) => void;
  /** The trace context that goes with a write; undefined: none does. */
  readonly traceparentOf?: (command: ApplyScale) => string | undefined;
}

type LiveActuator = LiveState<ActuatorState, ActuatorInput>;

interface Failed {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
  readonly retriable: boolean;
}

const messageMax = 1_000;

const failureOf = (error: unknown): Failed => {
  if (!(error instanceof OutsideError)) throw error;
  const { code, message } = error;
  // A conflict is no refusal: it is decided anew on what is there now.
  const retriable = error.retriable || code === 'PLATFORM_CONFLICT';
  return { ok: false, code, message: message.slice(0, messageMax), retriable };
};

/** Whoever is no longer the owner must not move anything; the next owner does. */
class NoLongerOwner extends Error {}

const assertOwner = ({ ownership }: CarryOutOptions, live: LiveActuator): void => {
  if (!ownership.isHeld() || live.signal.aborted) throw new NoLongerOwner();
};

const gone = (workload: WorkloadKey): OutsideError =>
  new OutsideError('PLATFORM_GONE', `There is no workload ${workload} on the platform.`, {
    retriable: false,
  });

/**
 * Takes the version as it is now, then folds everything that the log held when it was taken. It
 * waits for as long as the log is away: without it nobody may say what is to be tried next.
 */
const refold = async (
  { log, partition, clock, platform }: CarryOutOptions,
  live: LiveActuator,
  workload: WorkloadKey,
): Promise<string> => {
  const { signal } = live;
  const object = await platform.get(workload);
  if (object === undefined) throw gone(workload);
  const last = await retryOutside(() => log.events.last(partitionFilter(partition)), {
    clock,
    signal,
  });
  while (live.throughSeq() < (last?.seq ?? 0)) {
    if (signal.aborted) throw new NoLongerOwner();
    await sleep(clock, refoldPollMs, signal);
  }
  return object.resourceVersion;
};

/** Is this still what the state asks for, after it waited for its turn? */
const isOvertaken = (live: LiveActuator, command: ApplyScale): boolean => {
  const known = live.state().workloads[command.workload];
  if (known?.uid !== command.uid) return true;
  return command.because !== 'woken' && known.target?.to !== command.to;
};

const overtaken: Failed = {
  ok: false,
  code: 'PLATFORM_CONFLICT',
  message:
    'Another decision, or another workload of this name, came while this one waited for its ' +
    'turn; nothing was written.',
  retriable: true,
};

const awake: Failed = {
  ok: false,
  code: 'PLATFORM_CONFLICT',
  message: 'The workload has pods already: a wake takes none away, and nothing was written.',
  retriable: true,
};

/** True, and the state is told, when there are pods that the log may not know of. */
const tellPodsThere = (
  { shown }: CarryOutOptions,
  live: LiveActuator,
  { workload, to, atLeast, because }: ApplyScale,
): boolean => {
  const seen = shown.seen(workload);
  const enough = because === 'woken' ? 1 : to;
  if (!atLeast || seen === undefined || seen.replicas < enough) return false;
  live.feed({ type: 'ReplicasSeen', workload, ...seen });
  return true;
};

const scale = async (
  options: CarryOutOptions,
  command: ApplyScale,
  live: LiveActuator,
  version: string | undefined,
): Promise<ActuatorInput> => {
  const { platform, writeVersions, clock } = options;
  const { workload, to } = command;
  const answered = (result: ScaleAnswered['result']): ActuatorInput => {
    return { type: 'ScaleAnswered', command, atMs: clock.nowMs(), result };
  };
  try {
    const resourceVersion = version ?? (await refold(options, live, workload));
    if (isOvertaken(live, command)) return answered(overtaken);
    if (tellPodsThere(options, live, command)) return answered(awake);
    const traceparent = options.traceparentOf?.(command);
    const traced = traceparent === undefined ? {} : { traceparent };
    // After the version was taken: an owner that slept in between is told by one of the two.
    assertOwner(options, live);
    const answer = await platform.scale({ ...traced, workload, replicas: to, resourceVersion });
    writeVersions.written(workload, { replicas: to, resourceVersion: answer.resourceVersion });
    return answered({ ok: true as const, ...answer });
  } catch (error) {
    const result = failureOf(error);
    if (result.code === 'PLATFORM_CONFLICT') {
      writeVersions.inConflict(workload);
      const refolding = refold(options, live, workload);
      const taken = await refolding.catch((failed: unknown) => void failureOf(failed));
      if (taken !== undefined) writeVersions.refolded(workload, taken);
    }
    return answered(result);
  }
};

const route = async (
  options: CarryOutOptions,
  command: ApplyRouting,
  live: LiveActuator,
): Promise<ActuatorInput> => {
  const { platform, clock } = options;
  try {
    assertOwner(options, live);
    await platform.route(command.workload, command.routing);
    return { type: 'RoutingAnswered', command, atMs: clock.nowMs(), result: { ok: true } };
  } catch (error) {
    return { type: 'RoutingAnswered', command, atMs: clock.nowMs(), result: failureOf(error) };
  }
};

const resultOf = (answer: ActuatorInput): string =>
  'result' in answer ? (answer.result.ok ? 'ok' : answer.result.code) : 'ok';

/** Carries one command out, in its turn; bugs are thrown. */
export const carryOut = async (
  options: CarryOutOptions,
  command: ActuatorCommand,
  live: LiveActuator,
): Promise<void> => {
  // Taken now, while the decision is being read: never newer than what it rests on.
  const version = options.writeVersions.of(command.workload);
  const begun = async (): Promise<ActuatorInput> =>
    command.type === 'ApplyScale'
      ? scale(options, command, live, version)
      : route(options, command, live);
  const startedMs = options.clock.monotonicMs();
  try {
    const answer = await options.limit(begun);
    options.onAnswer(command.type, resultOf(answer), options.clock.monotonicMs() - startedMs);
    live.feed(answer);
  } catch (error) {
    if (!(error instanceof NoLongerOwner)) throw error;
  }
};
