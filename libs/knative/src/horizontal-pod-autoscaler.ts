/** Class hpa: the HorizontalPodAutoscaler that Knative's reconciler makes for a workload. */
import type { Policy } from '@flyball/contracts';
import { type Annotations, annotationSettings, findAnnotation } from './annotation-settings.ts';
import { binaryQuantity, decimalQuantity } from './quantity.ts';
import { largestScale, type Setting } from './setting.ts';

/** What is scaled, and by which names the object is known. */
export interface HpaSubject {
  readonly namespace: string;
  /** The object's own name; Knative names it after the revision. */
  readonly name: string;
  /** The name of the Deployment (apps/v1). */
  readonly deployment: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations: Annotations;
  /** False where nothing routes to it; then min-scale does not hold. By default true. */
  readonly reachable?: boolean | undefined;
  /** The Deployment's uid: the object goes when it goes. Absent: nothing owns it. */
  readonly ownerUid?: string | undefined;
}

interface MetricTarget {
  readonly type: 'Utilization' | 'AverageValue';
  readonly averageUtilization?: number;
  readonly averageValue?: string;
}

export type HpaMetric =
  | {
      readonly type: 'Resource';
      readonly resource: { readonly name: 'cpu' | 'memory'; readonly target: MetricTarget };
    }
  | {
      readonly type: 'Pods';
      readonly pods: { readonly metric: { readonly name: string }; readonly target: MetricTarget };
    };

interface ScalingRules {
  readonly stabilizationWindowSeconds: number;
}

interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: true;
}

/** The part of `autoscaling/v2` that Knative fills in. */
export interface HorizontalPodAutoscaler {
  readonly apiVersion: 'autoscaling/v2';
  readonly kind: 'HorizontalPodAutoscaler';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
    readonly ownerReferences?: OwnerReference[];
  };
  readonly spec: {
    readonly scaleTargetRef: {
      readonly apiVersion: 'apps/v1';
      readonly kind: 'Deployment';
      readonly name: string;
    };
    readonly minReplicas?: number;
    readonly maxReplicas: number;
    readonly metrics?: HpaMetric[];
    readonly behavior?: { readonly scaleDown: ScalingRules; readonly scaleUp: ScalingRules };
  };
}

/**
 * The object for a workload of class hpa. Only what is annotated counts for target and window: a
 * default target is of requests, and says nothing of processor or memory. Kubernetes takes 80 % of
 * the processor where there is no metric.
 */
export const horizontalPodAutoscalerOf = (
  policy: Policy,
  subject: HpaSubject,
): HorizontalPodAutoscaler => {
  const minScale = minScaleOf(policy, subject);
  const target = annotated(subject.annotations, annotationSettings.target);
  const windowMs = annotated(subject.annotations, annotationSettings.windowMs);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadataOf(subject),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: subject.deployment },
      ...(minScale > 0 ? { minReplicas: minScale } : {}),
      maxReplicas: policy.maxScale === 0 ? largestScale : policy.maxScale,
      ...(target === undefined ? {} : { metrics: [metricOf(policy.metric, target)] }),
      ...(windowMs === undefined ? {} : { behavior: behaviorOf(windowMs) }),
    },
  };
};

const minScaleOf = (policy: Policy, { reachable = true }: HpaSubject): number =>
  reachable || policy.minScaleWhenUnreachable ? policy.minScale : 0;

const annotated = (annotations: Annotations, setting: Setting<number>): number | undefined => {
  const found = findAnnotation(annotations, setting);
  const value = found && setting.parse(found.text);
  return value !== undefined && setting.usable(value) ? value : undefined;
};

const mebibyte = 1_048_576n;

/** Knative cuts off what is below one. */
const whole = (target: number): bigint => BigInt(Math.trunc(target));

const metricOf = (metric: string, target: number): HpaMetric => {
  if (metric === 'cpu') {
    const averageUtilization = Math.min(Math.ceil(target), largestScale);
    const utilization: MetricTarget = { type: 'Utilization', averageUtilization };
    return { type: 'Resource', resource: { name: 'cpu', target: utilization } };
  }
  const average = (averageValue: string): MetricTarget => ({ type: 'AverageValue', averageValue });
  return metric === 'memory'
    ? {
        type: 'Resource',
        resource: { name: 'memory', target: average(binaryQuantity(whole(target) * mebibyte)) },
      }
    : {
        type: 'Pods',
        pods: { metric: { name: metric }, target: average(decimalQuantity(whole(target))) },
      };
};

const behaviorOf = (windowMs: number): { scaleDown: ScalingRules; scaleUp: ScalingRules } => {
  const rules = { stabilizationWindowSeconds: Math.trunc(windowMs / 1000) };
  return { scaleDown: rules, scaleUp: rules };
};

const metadataOf = (subject: HpaSubject): HorizontalPodAutoscaler['metadata'] => {
  const { namespace, name, deployment, labels = {}, annotations, ownerUid } = subject;
  return {
    name,
    namespace,
    ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } }),
    ...(ownerUid === undefined ? {} : { ownerReferences: [ownedBy(deployment, ownerUid)] }),
  };
};

const ownedBy = (deployment: string, uid: string): OwnerReference => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  name: deployment,
  uid,
  controller: true,
});
