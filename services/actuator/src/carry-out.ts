/** Carries commands out on the platform, and tells the stage what came of them. */
import { OutsideError, partitionFilter, type WorkloadKey } from '@flyball/contracts';
import type {
  ActuatorCommand,
  ActuatorInput,
  ActuatorState,
  ApplyRouting,
  ApplyScale,
} from '@flyball/domain';
import type { EventLog } from '@flyball/event-log';
import type { Platform } from '@flyball/platform';
import { type Clock, type Ownership, sleep, type Tenure } from '@flyball/service';
import type { LimitFunction } from 'p-limit';
import type { ResourceVersions } from './resource-versions.ts';

/** How long a refold after a conflict is waited for before the try counts as failed anyway. */
const refoldLimitMs = 2_000;
const refoldPollMs = 5;

export interface CarryOutOptions {
  readonly log: EventLog;
  readonly platform: Platform;
  readonly versions: ResourceVersions;
  readonly partition: number;
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly limit: LimitFunction;
  readonly onAnswer: (kind: string, result: string, durationMs: number) => void;
}

type ActuatorTenure = Tenure<ActuatorState, ActuatorInput>;

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

const versionOf = async (
  { versions, platform }: CarryOutOptions,
  workload: WorkloadKey,
): Promise<string> => {
  const known = versions.get(workload) ?? (await platform.get(workload))?.resourceVersion;
  if (known !== undefined) return known;
  throw new OutsideError('PLATFORM_GONE', `There is no workload ${workload} on the platform.`, {
    retriable: false,
  });
};

/**
 * Another writer was there. What is tried next must rest on a state that has folded everything the
 * log held after the newer resourceVersion was seen.
 */
const refold = async (
  options: CarryOutOptions,
  tenure: ActuatorTenure,
  workload: WorkloadKey,
): Promise<void> => {
  const { log, partition, clock, platform, versions } = options;
  const seen = await platform.get(workload);
  if (seen !== undefined) versions.set(workload, seen.resourceVersion);
  const end = (await log.events.last(partitionFilter(partition)))?.seq ?? 0;
  const untilMs = clock.monotonicMs() + refoldLimitMs;
  while (tenure.throughSeq() < end && clock.monotonicMs() < untilMs) {
    await sleep(clock, refoldPollMs, tenure.signal);
    if (tenure.signal.aborted) return;
  }
};

const scale = async (
  options: CarryOutOptions,
  command: ApplyScale,
  tenure: ActuatorTenure,
  seenVersion: string | undefined,
): Promise<ActuatorInput> => {
  const { platform, versions, clock } = options;
  const { workload, to } = command;
  try {
    const resourceVersion = seenVersion ?? (await versionOf(options, workload));
    // After the version was taken: an owner that slept in between is told by one of the two.
    assertOwner(options, tenure);
    const answer = await platform.scale({ workload, replicas: to, resourceVersion });
    versions.set(workload, answer.resourceVersion);
    const result = { ok: true as const, ...answer };
    return { type: 'ScaleAnswered', command, atMs: clock.nowMs(), result };
  } catch (error) {
    const result = failureOf(error);
    if (result.code === 'PLATFORM_CONFLICT') {
      await refold(options, tenure, workload).catch((failed: unknown) => failureOf(failed));
    }
    return { type: 'ScaleAnswered', command, atMs: clock.nowMs(), result };
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
  // Taken now, while the decision is being read: never newer than what it rests on.
  const seenVersion = options.versions.get(command.workload);
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
