/** The windower over connections that stand: its stage over the partitions that it owns. */
import type { EventLog } from '@flyball/event-log';
import { type Life, ownPartitions } from '@flyball/service';
import type { WindowStore } from '@flyball/window-store';
import { createWindowerMetrics } from './metrics.ts';
import { runWindower } from './run-windower.ts';

/** Redis shortens a takeover; the service is ready and works without it, and says so. */
const createStoreStatus = (life: Life) => {
  let last = true;
  return (ok: boolean, reason: string): void => {
    if (ok !== last) life.logger[ok ? 'info' : 'error']({ reason }, 'Redis changed');
    last = ok;
  };
};

export interface WindowerParts {
  readonly log: EventLog;
  readonly store: WindowStore;
  readonly life: Life;
  readonly mirrorCheckEveryMs: number;
}

/** Begins; what it starts ends with its life. */
export const startWindower = async (parts: WindowerParts): Promise<void> => {
  const { log, life } = parts;
  const metrics = createWindowerMetrics(life.metrics);
  const onStoreStatus = createStoreStatus(life);
  const common = { ...parts, clock: life.clock, metrics, onStoreStatus };
  await ownPartitions({
    log,
    stage: 'windower',
    life,
    run: (partition, signal, ownership) =>
      runWindower({ ...common, partition, signal, ownership, broken: new Set() }),
  });
};
