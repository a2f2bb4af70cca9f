/** The watcher over connections that stand: one sight for all partitions, and the keeper. */
import {
  createWatcher,
  type WatcherEvent,
  type WatcherInput,
  type WatcherState,
  watcherSnapshot,
  watcherSnapshotVersion,
  watcherStateFrom,
} from '@flyball/domain';
import { type EventLog, readPartitionCount } from '@flyball/event-log';
import type { Platform } from '@flyball/platform';
import {
  createStageMetrics,
  type EffectfulStage,
  followStage,
  type LeftState,
  type Life,
  ownPartitions,
} from '@flyball/service';
import { type Activators, createActivators } from './activators.ts';
import { createDeciderSight, type DeciderSight } from './decider-sight.ts';
import { runKeeper } from './keeper-loop.ts';
import { createResolver } from './resolve.ts';
import { createSight, type PlatformSight } from './sight.ts';
import { watchPartition } from './watch-partition.ts';

type WatcherStage = EffectfulStage<WatcherState, WatcherInput, WatcherEvent, never>;

const createStage = (): WatcherStage => ({
  stage: createWatcher(createResolver()) as WatcherStage['stage'],
  ownPens: ['platform', 'policy', 'lost', 'incidents'],
  passesBy: ['ticks', 'progress', 'decisions'],
  snapshotVersion: watcherSnapshotVersion,
  isCommand: (output): output is never => !('pen' in output),
  toSnapshot: watcherSnapshot,
  fromSnapshot: watcherStateFrom,
});

const startSight = (platform: Platform, life: Life, partitionCount: number): PlatformSight => {
  const condition = life.readiness('platform');
  const sight = createSight(platform, partitionCount, (ok, why) => condition.set(ok, why));
  life.run('platform', (signal) => sight.follow(signal));
  return sight;
};

const startActivators = (log: EventLog, life: Life): Activators => {
  const isConnected = () => log.status() === 'connected';
  const activators = createActivators(log.leases, life.clock, isConnected);
  life.run('activators', (signal) => activators.follow(signal));
  return activators;
};

const startDeciderSight = (log: EventLog, life: Life): DeciderSight => {
  const deciders = createDeciderSight(log, life);
  life.run('deciders', (signal) => deciders.follow(signal));
  return deciders;
};

export interface WatcherParts {
  readonly log: EventLog;
  /** The connection that may purge. */
  readonly keeper: EventLog;
  readonly platform: Platform;
  readonly life: Life;
  readonly keepEveryMs: number;
}

const createCounter = (life: Life) => {
  let observations = 0;
  return () => {
    observations += 1;
    return `${life.incarnation}:${observations}`;
  };
};

/** Begins; what it starts ends with its life. */
export const startWatcher = async (parts: WatcherParts): Promise<void> => {
  const { log, keeper, platform, life, keepEveryMs } = parts;
  const { clock, logger } = life;
  const sight = startSight(platform, life, await readPartitionCount(log));
  const activators = startActivators(log, life);
  const deciders = startDeciderSight(log, life);
  const metrics = createStageMetrics('watcher', life.metrics);
  const stage = createStage();
  const owned = new Set<number>();
  const nextId = createCounter(life);
  runKeeper({ log, keeper, life, activators, owned, keepEveryMs });
  await ownPartitions<LeftState<WatcherState>>({
    log,
    stage: 'watcher',
    life,
    run: async (partition, signal, ownership) => {
      owned.add(partition);
      signal.addEventListener('abort', () => owned.delete(partition), { once: true });
      const watching = { life, partition, sight, deciders, activators, nextId };
      await followStage({
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
        onLive: (live, loss) => watchPartition(watching, live, loss),
      });
    },
  });
};
