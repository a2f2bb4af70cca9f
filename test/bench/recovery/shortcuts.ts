/** Takes away what shortens a stage's way back: its snapshots, and the windower's Redis. */
import { natsLoginOf } from '@flyball/cli';
import { connectEventLog } from '@flyball/event-log';
import { Redis } from 'ioredis';
import type { Bed } from '../pipeline/bed.ts';
import type { RecoveredStage } from './figures.ts';

export interface Shortcuts extends AsyncDisposable {
  /** Resolves when nothing but the log is left to the stage. */
  drop(stage: RecoveredStage): Promise<void>;
}

/** Connects as the set-up does, who may write everything. */
export const openShortcuts = async ({ machine }: Bed): Promise<Shortcuts> => {
  const { run, secrets } = machine;
  const login = natsLoginOf('admin', secrets, run.givenNatsLogin);
  const log = await connectEventLog({ servers: run.natsUrl, ...login, name: 'flyball-bench' });
  const redis = new Redis(run.redisUrl, { password: secrets.redis });
  return {
    drop: async (stage) => {
      const keys = await log.snapshots.keys(`${stage}.*`);
      await Promise.all(keys.map((key) => log.snapshots.delete(key)));
      if (stage === 'windower') await redis.flushall();
    },
    [Symbol.asyncDispose]: async () => {
      redis.disconnect();
      await log.close();
    },
  };
};
