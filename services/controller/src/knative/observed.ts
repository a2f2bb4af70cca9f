/** What the cluster shows of one Knative Service, as the plan needs it. */
import type { AutoscalerConfig } from '@flyball/knative';
import type { CoreService, Deployment, JsonMap } from '../objects/cluster-object.ts';
import type { KnativeRoute, PodAutoscaler } from './knative-service.ts';

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
}

export interface QueueProxyOf {
  readonly targetPort: number;
  /** How the template calls that port. */
  readonly portName: string;
  /** 0 is no limit. */
  readonly containerConcurrency: number;
  readonly timeoutSeconds: number;
}

export interface ServingSettings {
  readonly config: AutoscalerConfig;
  /** Services are asked for as `<name>.<namespace>.<domain>`. */
  readonly domain: string;
  /** Older revisions, without traffic, that are kept beside those that matter. */
  readonly revisionsKept: number;
  /** The sidecar of a revision's pods; undefined: none. */
  readonly queueProxyOf: (pod: QueueProxyOf) => JsonMap | undefined;
  /** UTC, for what a status tells of since when. */
  readonly nowMs: number;
}
