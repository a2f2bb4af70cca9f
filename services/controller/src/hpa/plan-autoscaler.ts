/** What is to be done about the HorizontalPodAutoscaler of a Deployment. Pure. */
import type { HorizontalPodAutoscaler } from '@flyball/knative';
import { isScalingAnnotation } from '../knative/serving-names.ts';
import { type ClusterObject, type Deployment, isOwnedBy } from '../objects/cluster-object.ts';
import type { EventText } from '../objects/event-recorder.ts';
import { holds } from '../objects/json-values.ts';
import { type DesiredAutoscaler, specHash } from './desired-autoscaler.ts';

export interface AutoscalerPlan {
  readonly write:
    | { readonly verb: 'create' | 'replace' | 'remove'; readonly object: ClusterObject }
    | undefined;
  /** Told once of each Deployment and text. */
  readonly told: EventText | undefined;
}

const nothing: AutoscalerPlan = { write: undefined, told: undefined };

/** Its settings are ours to the last one; labels and annotations of others stay. */
const replaced = (current: ClusterObject, wanted: HorizontalPodAutoscaler): ClusterObject => {
  const { metadata } = current;
  const others = Object.entries(metadata.annotations ?? {}).filter(
    ([key]) => !isScalingAnnotation(key),
  );
  return {
    ...current,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...wanted.metadata.labels },
      annotations: { ...Object.fromEntries(others), ...wanted.metadata.annotations },
    },
    spec: wanted.spec,
  } as ClusterObject;
};

/** What the API server filled in, and moves by itself, is no difference. */
const isAsWanted = (current: ClusterObject, wanted: HorizontalPodAutoscaler): boolean => {
  const { labels, annotations } = wanted.metadata;
  const now = current.metadata.annotations ?? {};
  const strays = Object.keys(now).filter(
    (key) => isScalingAnnotation(key) && annotations?.[key] === undefined,
  );
  return (
    strays.length === 0 &&
    holds(now, annotations) &&
    holds(current.metadata.labels ?? {}, labels) &&
    holds((current as ClusterObject & { spec?: object }).spec, wanted.spec)
  );
};

const tell = (type: EventText['type'], reason: string, message: string): EventText => ({
  ...{ type, reason, message },
});

export const planAutoscaler = (
  deployment: Deployment,
  desired: DesiredAutoscaler,
  current: ClusterObject | undefined,
): AutoscalerPlan => {
  const isOurs = current !== undefined && isOwnedBy(current, deployment.metadata.uid);
  if (desired.kind === 'refused') {
    return { ...nothing, told: tell('Warning', 'InvalidAnnotations', desired.message) };
  }
  if (desired.kind === 'unwanted') {
    // Only what has our mark: a Deployment may own one that another tool made for it.
    if (!isOurs || current.metadata.annotations?.[specHash] === undefined) return nothing;
    const message = `Removed HorizontalPodAutoscaler ${current.metadata.name}: its class is gone.`;
    const told = tell('Normal', 'AutoscalerRemoved', message);
    return { write: { verb: 'remove', object: current }, told };
  }
  const { autoscaler } = desired;
  const { name } = autoscaler.metadata;
  if (current === undefined) {
    const told = tell('Normal', 'AutoscalerCreated', `Created HorizontalPodAutoscaler ${name}.`);
    return { write: { verb: 'create', object: autoscaler }, told };
  }
  if (!isOurs) {
    const message =
      `There is a HorizontalPodAutoscaler ${name} that is not Flyball's; it is left alone. ` +
      'Remove it, or take another class than hpa.autoscaling.knative.dev.';
    return { ...nothing, told: tell('Warning', 'AutoscalerNotOwned', message) };
  }
  if (isAsWanted(current, autoscaler)) return nothing;
  return { ...nothing, write: { verb: 'replace', object: replaced(current, autoscaler) } };
};
