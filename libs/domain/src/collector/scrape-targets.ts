/** Which pods of a partition report their own concurrency, as the log has them. */
import type { RecordedEvent, WorkloadKey } from '@flyball/contracts';

export interface ScrapePod {
  metricsAddress: string;
  ready: boolean;
}

/** Plain data: pods by name under their workload. */
export interface ScrapeTargets {
  workloads: Record<WorkloadKey, Record<string, ScrapePod>>;
}

const evolve = (targets: ScrapeTargets, event: RecordedEvent): WorkloadKey | undefined => {
  const { workload } = event;
  if (workload === undefined) return undefined;
  if (event.type === 'WorkloadGone') delete targets.workloads[workload];
  else if (event.type === 'PodAppeared' && event.data.metricsAddress !== null) {
    const pods = targets.workloads[workload] ?? {};
    const ready = pods[event.data.pod]?.ready ?? false;
    pods[event.data.pod] = { metricsAddress: event.data.metricsAddress, ready };
    targets.workloads[workload] = pods;
  } else if (event.type === 'PodGone') {
    delete targets.workloads[workload]?.[event.data.pod];
  } else if (event.type === 'PodReady' || event.type === 'PodUnready') {
    const pod = targets.workloads[workload]?.[event.data.pod];
    if (pod !== undefined) pod.ready = event.type === 'PodReady';
  }
  return workload;
};

/** The targets as a projection of one partition. */
export const scrapeTargetsProjection = {
  version: 1,
  initialState: (): ScrapeTargets => ({ workloads: {} }),
  tails: new Set(['platform']),
  evolve,
};
