/** Tells Events of Deployments: one after the other, in a bounded row, each within its pace. */
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import { type Clock, type Life, sleep } from '@flyball/service';
import pLimit from 'p-limit';
import type { ClusterObject } from '../objects/cluster-object.ts';
import type { EventRecorder, EventText } from '../objects/event-recorder.ts';
import { createEventPace } from './event-pace.ts';

/** After each: when many are scaled at once, their scales go first. */
const pauseMs = 100;
/** Events that wait for their call; further ones are given up. */
const eventsWaitingMax = 1_000;

export interface EventTellerOptions {
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly logger: Pick<Life['logger'], 'warn' | 'error'>;
  readonly signal: AbortSignal;
}

export interface EventTeller {
  tell(workload: WorkloadKey, uid: string, text: EventText): void;
  forget(workload: WorkloadKey): void;
}

const deploymentOf = (workload: WorkloadKey, uid: string): ClusterObject => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
  metadata: { ...workloadName(workload), uid },
});

export const createEventTeller = (options: EventTellerOptions): EventTeller => {
  const { events, clock, logger, signal } = options;
  const pace = createEventPace(() => clock.monotonicMs());
  const limit = pLimit(1);
  signal.addEventListener('abort', () => limit.clearQueue(), { once: true });
  return {
    forget: pace.forget,
    tell: (workload, uid, text) => {
      const atMs = clock.nowMs();
      const paced = pace.take(workload, text, atMs);
      if (paced === undefined || signal.aborted) return;
      if (limit.pendingCount >= eventsWaitingMax) {
        logger.warn({ workload, text: paced.message }, 'too many Events wait; one was given up');
        return;
      }
      const record = async (): Promise<void> => {
        await events.record(deploymentOf(workload, uid), paced, atMs);
        await sleep(clock, pauseMs, signal);
      };
      limit(record).catch((error: unknown) => {
        logger.error({ err: error, workload }, 'an Event was not told');
      });
    },
  };
};
