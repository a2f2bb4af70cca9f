/** The keeper's rounds: each minute over the partitions that this process owns. */
import { OutsideError } from '@flyball/contracts';
import type { EventLog } from '@flyball/event-log';
import { type Life, sleep } from '@flyball/service';
import { Counter } from 'prom-client';
import type { Activators } from './activators.ts';
import { type Keepable, keep, keepableInBoth, keepableNow } from './keeper.ts';

export interface KeeperOptions {
  /** Reads the snapshots. */
  readonly log: EventLog;
  /** May purge. */
  readonly keeper: EventLog;
  readonly life: Life;
  readonly activators: Pick<Activators, 'forgetVanished'>;
  readonly owned: ReadonlySet<number>;
  readonly keepEveryMs: number;
}

const createPurged = (life: Life) =>
  new Counter({
    name: 'flyball_watcher_purged_messages_total',
    help: 'Ticks and progress that the keeper purged.',
    registers: [life.metrics],
  });

/** Starts the rounds; a round that fails is told and the next one does its work. */
export const runKeeper = (options: KeeperOptions): void => {
  const { log, keeper, life, activators, owned, keepEveryMs } = options;
  const purged = createPurged(life);
  const lastRound = new Map<number, Keepable>();

  const keepPartition = async (partition: number): Promise<void> => {
    const before = lastRound.get(partition);
    const now = await keepableNow(log, partition);
    lastRound.set(partition, now);
    if (before === undefined) return;
    purged.inc(await keep(keeper, partition, keepableInBoth(before, now)));
  };
  const orTold = async (work: () => Promise<unknown>, failed: string): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error;
      life.logger.warn({ err: error }, `the keeper ${failed}`);
    }
  };
  life.run('keeper', async (signal) => {
    while (!signal.aborted) {
      await sleep(life.clock, keepEveryMs, signal);
      for (const partition of [...owned]) {
        if (signal.aborted) return;
        await orTold(() => keepPartition(partition), `could not purge partition ${partition}`);
      }
      await orTold(() => activators.forgetVanished(keeper.leases), 'could not remove heartbeats');
    }
  });
};
