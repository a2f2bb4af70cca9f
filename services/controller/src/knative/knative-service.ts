/** Knative's objects as the controller reads and writes them. */
import type { ClusterObject, Condition, JsonMap, TextMap } from '../objects/cluster-object.ts';

/** What a revision is made from: a pod's template with Knative's own fields in its spec. */
export interface RevisionTemplate {
  readonly metadata?: { readonly labels?: TextMap; readonly annotations?: TextMap };
  readonly spec?: JsonMap;
}

export interface TrafficTarget {
  readonly revisionName?: string;
  readonly configurationName?: string;
  readonly latestRevision?: boolean;
  readonly percent?: number;
  readonly tag?: string;
}

interface Configuration {
  readonly revisionTemplate?: RevisionTemplate;
  readonly template?: RevisionTemplate;
}

interface OlderMode {
  readonly configuration?: Configuration;
}

export interface KnativeServiceStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly url?: string;
  readonly address?: { readonly url: string };
  readonly latestCreatedRevisionName?: string;
  readonly latestReadyRevisionName?: string;
  readonly traffic?: readonly TrafficTarget[];
}

/** `serving.knative.dev` Service: v1, or what v1alpha1 wrote, kept as it was. */
export interface KnativeService extends ClusterObject {
  readonly spec?: {
    readonly template?: RevisionTemplate;
    readonly traffic?: readonly TrafficTarget[];
    readonly runLatest?: OlderMode;
    readonly release?: OlderMode;
    readonly pinned?: OlderMode;
  };
  readonly status?: KnativeServiceStatus;
}

export interface RouteStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly url?: string;
  /** As v1alpha1 had it. */
  readonly domain?: string;
  readonly address?: { readonly url: string };
  readonly traffic?: readonly TrafficTarget[];
}

export interface KnativeRoute extends ClusterObject {
  readonly spec?: { readonly traffic?: readonly TrafficTarget[] };
  readonly status?: RouteStatus;
}

export interface PodAutoscalerStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly serviceName?: string;
  readonly metricsServiceName?: string;
  readonly desiredScale?: number;
  readonly actualScale?: number;
}

/** `autoscaling.internal.knative.dev/v1alpha1`: its annotations are a revision's settings. */
export interface PodAutoscaler extends ClusterObject {
  readonly spec?: {
    readonly scaleTargetRef?: {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
    };
    readonly containerConcurrency?: number;
    readonly reachability?: string;
    readonly protocolType?: string;
  };
  readonly status?: PodAutoscalerStatus;
}

export const knativeServiceVersion = 'serving.knative.dev/v1';
export const podAutoscalerVersion = 'autoscaling.internal.knative.dev/v1alpha1';

/** The kind takes any `spec`: nothing is where it belongs until it was looked at. */
const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const below = (value: unknown, key: string): unknown => (isMap(value) ? value[key] : undefined);

/** The template wherever it stands: today's place, or one of v1alpha1's. */
export const templateOf = ({ spec }: KnativeService): RevisionTemplate | undefined => {
  const today: unknown = spec?.template;
  if (today != null) return isMap(today) ? today : undefined;
  const configurations = ['runLatest', 'release', 'pinned'].map((mode) =>
    below(below(spec, mode), 'configuration'),
  );
  const templates = configurations.flatMap((configuration) => [
    below(configuration, 'revisionTemplate'),
    below(configuration, 'template'),
  ]);
  return templates.find(isMap);
};
