/** What the cluster shows of one Knative Service, as the plan needs it. */
import type { AutoscalerConfig } from '@flyball/knative';
import { type CoreService, type Deployment, isOwnedBy } from '../objects/cluster-object.ts';
import type { KnativeRoute, PodAutoscaler } from './knative-service.ts';
import type { Trouble } from './pod-trouble.ts';
import type { Revision } from './revisions.ts';
import type { WithQueueProxy } from './with-queue-proxy.ts';

export interface FoundObjects {
  readonly Deployment: Deployment;
  readonly Service: CoreService;
  readonly PodAutoscaler: PodAutoscaler;
  readonly Route: KnativeRoute;
}

export interface Observed {
  /** Those that carry the label of the Service. */
  readonly deployments: readonly Deployment[];
  /** In the Service's namespace, whoever made it. */
  find<Kind extends keyof FoundObjects>(kind: Kind, name: string): FoundObjects[Kind] | undefined;
  /** Why a pod of the revision does not come up, if one does not. */
  troubleOf(revision: string): Trouble | undefined;
}

/** The PodAutoscaler of a revision: its own, not one that a former revision of the name left. */
export const autoscalerOf = (
  { name, deployment }: Revision,
  observed: Observed,
): PodAutoscaler | undefined => {
  const found = observed.find('PodAutoscaler', name);
  return found !== undefined && isOwnedBy(found, deployment.metadata.uid) ? found : undefined;
};

export interface ServingSettings {
  readonly config: AutoscalerConfig;
  /** Services are asked for as `<name>.<namespace>.<domain>`. */
  readonly domain: string;
  /** Older revisions, without traffic, that are kept beside those that matter. */
  readonly revisionsKept: number;
  readonly withQueueProxy: WithQueueProxy;
  /** UTC, for what a status tells of since when. */
  readonly nowMs: number;
}
