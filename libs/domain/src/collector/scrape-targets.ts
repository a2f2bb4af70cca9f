/** Whom to ask for the load of a partition's workloads, as the log has it. */
import type { MetricsSource, RecordedEvent, WorkloadKey } from '@flyball/contracts';

export interface ScrapePod {
  /** Where it takes requests; null until that is known. */
  address: string | null;
  /** Where its queue-proxy tells its counts; null when it has none. */
  metricsAddress: string | null;
  ready: boolean;
}

export interface ScrapedWorkload {
  /** By name. */
  pods: Record<string, ScrapePod>;
  /** Read instead of queue-proxies, where the policy says so. */
  source?: MetricsSource;
}

/** Plain data: only workloads that have pods, or pages of their own. */
export interface ScrapeTargets {
  workloads: Record<WorkloadKey, ScrapedWorkload>;
}

/** The class whose load is measured by requests; nobody reads that of the others. */
const ourClass = 'kpa.autoscaling.knative.dev';

const setSource = (workload: ScrapedWorkload, { policy }: { policy: PolicyOfSource }): void => {
  if (policy.source === undefined || policy.class !== ourClass) delete workload.source;
  else workload.source = policy.source;
};

interface PolicyOfSource {
  readonly class: string;
  readonly source?: MetricsSource | undefined;
}

const foldOfWorkload = (workload: ScrapedWorkload, event: RecordedEvent): void => {
  switch (event.type) {
    case 'PolicySet':
      setSource(workload, event.data);
      break;
    case 'PodAppeared': {
      const { pod, address, metricsAddress } = event.data;
      const ready = workload.pods[pod]?.ready ?? false;
      workload.pods[pod] = { address, metricsAddress, ready };
      break;
    }
    case 'PodGone':
      delete workload.pods[event.data.pod];
      break;
    case 'PodReady':
    case 'PodUnready': {
      const pod = workload.pods[event.data.pod];
      if (pod !== undefined) pod.ready = event.type === 'PodReady';
      break;
    }
  }
};

const evolve = (targets: ScrapeTargets, event: RecordedEvent): WorkloadKey | undefined => {
  const { workload: key } = event;
  if (key === undefined) return undefined;
  const workload = targets.workloads[key] ?? { pods: {} };
  // One that comes again has a policy of its own told.
  if (event.type === 'WorkloadGone') delete targets.workloads[key];
  else {
    foldOfWorkload(workload, event);
    const isAsked = workload.source !== undefined || Object.keys(workload.pods).length > 0;
    if (isAsked) targets.workloads[key] = workload;
    else delete targets.workloads[key];
  }
  return key;
};

/** The targets as a projection of one partition. */
export const scrapeTargetsProjection = {
  version: 2,
  initialState: (): ScrapeTargets => ({ workloads: {} }),
  tails: new Set(['platform', 'policy']),
  evolve,
};
