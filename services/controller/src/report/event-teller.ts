/** Tells Events of Deployments: some at once, in a bounded row, each workload within its pace. */
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import type { Clock, Life } from '@flyball/service';
import pLimit from 'p-limit';
import type { ClusterObject } from '../objects/cluster-object.ts';
import type { EventRecorder, EventText } from '../objects/event-recorder.ts';
import { createEventPace } from './event-pace.ts';

const callsAtOnceMax = 4;
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
  const limit = pLimit(callsAtOnceMax);
  signal.addEventListener('abort', () => limit.clearQueue(), { once: true });
  return {
    forget: pace.forget,
    tell: (workload, uid, text) => {
      const paced = pace.take(workload, text, clock.nowMs());
      if (paced === undefined || signal.aborted) return;
      if (limit.pendingCount >= eventsWaitingMax) {
        logger.warn({ workload, text: paced.message }, 'too many Events wait; one was given up');
        return;
      }
      const record = () => events.record(deploymentOf(workload, uid), paced);
      limit(record).catch((error: unknown) => {
        logger.error({ err: error, workload }, 'an Event was not told');
      });
    },
  };
};
