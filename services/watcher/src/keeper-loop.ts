/** The keeper's rounds: each minute over the partitions that this process owns. */
import { OutsideError } from '@flyball/contracts';
import type { EventLog } from '@flyball/event-log';
import { type Life, sleep } from '@flyball/service';
import { Counter } from 'prom-client';
import { type Keepable, keep, keepableNow } from './keeper.ts';

export interface KeeperOptions {
  /** Reads the snapshots. */
  readonly log: EventLog;
  /** May purge. */
  readonly keeper: EventLog;
  readonly life: Life;
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
export const runKeeper = ({ log, keeper, life, owned, keepEveryMs }: KeeperOptions): void => {
  const purged = createPurged(life);
  const lastRound = new Map<number, Keepable>();

  const keepPartition = async (partition: number): Promise<void> => {
    const before = lastRound.get(partition);
    lastRound.set(partition, await keepableNow(log, partition));
    if (before !== undefined) purged.inc(await keep(keeper, partition, before));
  };
  life.run('keeper', async (signal) => {
    while (!signal.aborted) {
      await sleep(life.clock, keepEveryMs, signal);
      for (const partition of [...owned]) {
        if (signal.aborted) return;
        try {
          await keepPartition(partition);
        } catch (error) {
          if (!(error instanceof OutsideError)) throw error;
          life.logger.warn({ err: error, partition }, 'the keeper could not purge');
        }
      }
    }
  });
};
