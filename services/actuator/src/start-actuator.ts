/** The actuator over connections that stand: its watch, its partitions, its writes. */

import {
  type ActuatorCommand,
  type ActuatorEvent,
  type ActuatorInput,
  type ActuatorState,
  actuatorSnapshot,
  actuatorSnapshotVersion,
  actuator as actuatorStage,
  actuatorStateFrom,
  isActuatorCommand,
} from '@flyball/domain';
import type { EventLog } from '@flyball/event-log';
import type { Platform } from '@flyball/platform';
import {
  createStageMetrics,
  type EffectfulStage,
  followStage,
  type LeftState,
  type Life,
  type LiveState,
  ownPartitions,
  secondsBuckets,
  tellRecovery,
} from '@flyball/service';
import pLimit from 'p-limit';
import { Histogram } from 'prom-client';
import { carryOut } from './carry-out.ts';
import {
  followResourceVersions,
  type ResourceVersions,
  type SeenListener,
} from './resource-versions.ts';
import { createRing, ringEveryMs } from './ring.ts';
import { tellActions } from './tell-actions.ts';
import { createWriteVersions } from './write-versions.ts';

type ActuatorStage = EffectfulStage<ActuatorState, ActuatorInput, ActuatorEvent, ActuatorCommand>;

const stage: ActuatorStage = {
  stage: actuatorStage as ActuatorStage['stage'],
  ownPens: ['actions'],
  passesBy: ['ticks', 'lost'],
  snapshotVersion: actuatorSnapshotVersion,
  isCommand: (output): output is ActuatorCommand => isActuatorCommand(output),
  toSnapshot: actuatorSnapshot,
  fromSnapshot: actuatorStateFrom,
};

type LiveActuator = LiveState<ActuatorState, ActuatorInput>;

/**
 * Time is told to the state while something in it waits, when the decider has spoken, and at a
 * wake; those of a burst share it, for each of them is a look at all that waits.
 */
const ringFor = (live: LiveActuator, life: Life): (() => void) => {
  let rangAtMs = Number.NEGATIVE_INFINITY;
  const onRing = (): void => {
    rangAtMs = life.clock.monotonicMs();
    live.feed({ type: 'TimerRang', atMs: life.clock.nowMs() });
  };
  const ring = createRing({
    clock: life.clock,
    signal: live.signal,
    isWaiting: () => live.state().waiting.size > 0,
    onRing,
    onCrash: (error) => life.crash(error),
  });
  return () => {
    ring();
    const { decidedHeardAtMs, unheard } = live.state();
    const isDue = life.clock.monotonicMs() - rangAtMs >= ringEveryMs;
    if (decidedHeardAtMs === null || (unheard.size > 0 && isDue)) onRing();
  };
};

/** Tells what the platform itself asks for, then catches up. */
const begin = (live: LiveActuator, life: Life, versions: ResourceVersions): void => {
  const tell: SeenListener = (workload, seen) =>
    void live.feed({ type: 'ReplicasSeen', workload, ...seen });
  versions.subscribe(tell, live.signal);
  live.feed({ type: 'CaughtUp', atMs: life.clock.nowMs() });
};

const createApplySeconds = (life: Life) =>
  new Histogram({
    name: 'flyball_actuator_apply_seconds',
    help: "Time from a command to the platform's answer, including its wait in the queue.",
    labelNames: ['command', 'result'] as const,
    buckets: secondsBuckets,
    registers: [life.metrics],
  });

export interface ActuatorParts {
  readonly log: EventLog;
  readonly platform: Platform;
  readonly life: Life;
  /** Writes to the platform under way at once. */
  readonly patchesMax: number;
}

/** Begins; what it starts ends with its life. */
export const startActuator = async (parts: ActuatorParts): Promise<void> => {
  const { log, platform, life, patchesMax } = parts;
  const { clock, logger } = life;
  const { versions, follow } = followResourceVersions(platform);
  const sight = life.readiness('platform');
  life.run('resource versions', (signal) => follow(signal, (ok, why) => sight.set(ok, why)));
  const metrics = createStageMetrics('actuator', life.metrics);
  const applySeconds = createApplySeconds(life);
  const onAnswer = (command: string, result: string, durationMs: number) =>
    applySeconds.observe({ command, result }, durationMs / 1_000);
  const limit = pLimit(patchesMax);
  const telling = tellActions(life.telemetry, () => clock.nowMs());
  metrics.queues.watch({
    queue: 'platform_writes',
    limit: patchesMax,
    depth: () => limit.activeCount + limit.pendingCount,
  });
  await ownPartitions<LeftState<ActuatorState>>({
    log,
    stage: 'actuator',
    life,
    run: (partition, signal, ownership) => {
      const carrying = {
        ...{ log, platform, partition, ownership, clock, limit, onAnswer },
        ...{ shown: versions, writeVersions: createWriteVersions(versions) },
        traceparentOf: telling.traceparentOf,
      };
      let ring = (): void => undefined;
      return followStage({
        log,
        stage,
        partition,
        signal,
        isOwner: () => ownership.isHeld(),
        recovery: ownership.recovery,
        partitionCount: ownership.partitionCount,
        clock,
        logger,
        metrics,
        ...telling.options,
        ...tellRecovery(life, partition),
        onLive: (live) => {
          ring = ringFor(live, life);
          begin(live, life, versions);
        },
        onChanged: () => ring(),
        onCommand: (command, live) => {
          telling.taken(command);
          carryOut(carrying, command, live).catch((error: unknown) => life.crash(error));
        },
      });
    },
  });
};
