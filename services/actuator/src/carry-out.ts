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

const refoldPollMs = 5;

export interface CarryOutOptions {
  readonly log: EventLog;
  readonly platform: Platform;
  readonly versions: ResourceVersions;
  /**
   * Of workloads that met another writer: the version that was seen before the log was folded to
   * its end, for the next try; null while it is still to be refolded.
   */
  readonly refolded: Map<WorkloadKey, string | null>;
  readonly partition: number;
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly limit: LimitFunction;
  readonly onAnswer: (kind: string, result: string, durationMs: number) => void;
  /** The trace context that goes with a write; undefined: none does. */
  readonly traceparentOf?: (command: ApplyScale) => string | undefined;
}

type ActuatorTenure = LiveState<ActuatorState, ActuatorInput>;

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

const assertOwner = ({ ownership }: CarryOutOptions, tenure: ActuatorTenure): void => {
  if (!ownership.isHeld() || tenure.signal.aborted) throw new NoLongerOwner();
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
  tenure: ActuatorTenure,
  workload: WorkloadKey,
): Promise<string> => {
  const { signal } = tenure;
  const object = await platform.get(workload);
  if (object === undefined) throw gone(workload);
  const last = await retryOutside(() => log.events.last(partitionFilter(partition)), {
    clock,
    signal,
  });
  while (tenure.throughSeq() < (last?.seq ?? 0)) {
    if (signal.aborted) throw new NoLongerOwner();
    await sleep(clock, refoldPollMs, signal);
  }
  return object.resourceVersion;
};

/** Is this still what the state asks for, after it waited for its turn? */
const isOvertaken = (tenure: ActuatorTenure, command: ApplyScale): boolean => {
  const target = tenure.state().workloads[command.workload]?.target ?? null;
  return command.because !== 'woken' && target?.to !== command.to;
};

const overtaken: Failed = {
  ok: false,
  code: 'PLATFORM_CONFLICT',
  message: 'Another decision came while this one waited for its turn; nothing was written.',
  retriable: true,
};

const awake: Failed = {
  ok: false,
  code: 'PLATFORM_CONFLICT',
  message: 'The workload has pods already: a wake takes none away, and nothing was written.',
  retriable: true,
};

/** The log may not know of pods that were asked for; the state is told of them. */
const isAwake = (
  { versions }: CarryOutOptions,
  tenure: ActuatorTenure,
  { workload, to, atLeast, because }: ApplyScale,
): boolean => {
  const seen = versions.seen(workload);
  const enough = because === 'woken' ? 1 : to;
  if (!atLeast || seen === undefined || seen.replicas < enough) return false;
  tenure.feed({ type: 'ReplicasSeen', workload, ...seen });
  return true;
};

const scale = async (
  options: CarryOutOptions,
  command: ApplyScale,
  tenure: ActuatorTenure,
  seenVersion: string | undefined,
): Promise<ActuatorInput> => {
  const { platform, versions, clock, refolded } = options;
  const { workload, to } = command;
  const answered = (result: ScaleAnswered['result']): ActuatorInput => {
    return { type: 'ScaleAnswered', command, atMs: clock.nowMs(), result };
  };
  try {
    const resourceVersion = seenVersion ?? (await refold(options, tenure, workload));
    if (isOvertaken(tenure, command)) return answered(overtaken);
    if (isAwake(options, tenure, command)) return answered(awake);
    const traceparent = options.traceparentOf?.(command);
    const traced = traceparent === undefined ? {} : { traceparent };
    // After the version was taken: an owner that slept in between is told by one of the two.
    assertOwner(options, tenure);
    const answer = await platform.scale({ ...traced, workload, replicas: to, resourceVersion });
    versions.set(workload, { replicas: to, resourceVersion: answer.resourceVersion });
    refolded.delete(workload);
    return answered({ ok: true as const, ...answer });
  } catch (error) {
    const result = failureOf(error);
    if (result.code === 'PLATFORM_CONFLICT') {
      refolded.set(workload, null);
      const refolding = refold(options, tenure, workload);
      const version = await refolding.catch((failed: unknown) => void failureOf(failed));
      refolded.set(workload, version ?? null);
    }
    return answered(result);
  }
};

const route = async (
  options: CarryOutOptions,
  command: ApplyRouting,
  tenure: ActuatorTenure,
): Promise<ActuatorInput> => {
  const { platform, clock } = options;
  try {
    assertOwner(options, tenure);
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
  tenure: ActuatorTenure,
): Promise<void> => {
  const { refolded, versions } = options;
  const { workload } = command;
  // Taken now, while the decision is being read: never newer than what it rests on.
  const seenVersion =
    (refolded.has(workload) ? refolded.get(workload) : versions.get(workload)) ?? undefined;
  const begun = async (): Promise<ActuatorInput> =>
    command.type === 'ApplyScale'
      ? scale(options, command, tenure, seenVersion)
      : route(options, command, tenure);
  const startedMs = options.clock.monotonicMs();
  try {
    const answer = await options.limit(begun);
    options.onAnswer(command.type, resultOf(answer), options.clock.monotonicMs() - startedMs);
    tenure.feed(answer);
  } catch (error) {
    if (!(error instanceof NoLongerOwner)) throw error;
  }
};
