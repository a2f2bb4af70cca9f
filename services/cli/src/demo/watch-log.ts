/** Follows one workload in the log: its pods, what was decided, and every event as it comes. */
import {
  type AnyEvent,
  allEventsFilter,
  decodeEvent,
  type RecordedEvent,
  type WorkloadKey,
} from '@flyball/contracts';
import { evolveRoutes, initialRoutes } from '@flyball/domain';
import type { EventLog } from '@flyball/event-log';

export interface Moment {
  readonly readyPods: number;
  readonly desired: number;
  /** Averages in requests in flight; null without data. */
  readonly stable: number | null;
  readonly panic: number | null;
}

export interface WorkloadWatch {
  moment(): Moment;
  /** Highest numbers since the last `reset`. */
  highest(): { readonly desired: number; readonly ready: number };
  reset(): void;
}

const milli = 1_000;
const inUnits = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : value / milli;

interface Averages {
  stable: number | null;
  panic: number | null;
}

const takeAverages = (event: RecordedEvent, workload: WorkloadKey, averages: Averages): void => {
  if (event.type !== 'TickObserved') return;
  const { rows } = event.data;
  const row = rows.workloads.indexOf(workload);
  if (row < 0) return;
  averages.stable = inUnits(rows.stableMilli[row]);
  averages.panic = inUnits(rows.panicMilli[row]);
};

/** Watches from the end of the log on, until the signal aborts. */
export const watchWorkload = async (
  log: EventLog,
  workload: WorkloadKey,
  signal: AbortSignal,
  onEvent: (event: AnyEvent) => void,
): Promise<WorkloadWatch> => {
  const routes = initialRoutes();
  const averages: Averages = { stable: null, panic: null };
  let highest = { desired: 0, ready: 0 };
  const moment = (): Moment => {
    const route = routes.workloads[workload];
    const readyPods = Object.values(route?.pods ?? {}).filter((pod) => pod.ready).length;
    return { readyPods, desired: route?.desiredReplicas ?? 0, ...averages };
  };
  const take = (event: RecordedEvent): void => {
    takeAverages(event, workload, averages);
    if (event.workload !== workload) return;
    evolveRoutes(routes, event);
    const { desired, readyPods } = moment();
    highest = {
      desired: Math.max(highest.desired, desired),
      ready: Math.max(highest.ready, readyPods),
    };
    onEvent(event);
  };
  const { lastSeq } = await log.events.state();
  const follow = async (): Promise<void> => {
    const reading = log.events.read({ filter: allEventsFilter, afterSeq: lastSeq, signal });
    for await (const messages of reading) {
      for (const { body, subject, seq } of messages) {
        const decoded = decodeEvent(body, subject, seq);
        if (decoded.ok) take(decoded.event);
      }
    }
  };
  // The demo ends with its connection; an error before that is seen as a scene that does not hold.
  follow().catch(() => undefined);
  return {
    moment,
    highest: () => highest,
    reset: () => {
      const { desired, readyPods } = moment();
      highest = { desired, ready: readyPods };
    },
  };
};
