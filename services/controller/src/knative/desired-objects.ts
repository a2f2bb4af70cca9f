/** Every object that a Knative Service shall have, as the cluster shows it now. */
import { adjusted } from '../objects/adjust.ts';
import {
  type ClusterObject,
  type CoreService,
  type Deployment,
  isLeftover,
  isOwnedBy,
  type TextMap,
} from '../objects/cluster-object.ts';
import type { KnativeRoute, KnativeService } from './knative-service.ts';
import { autoscalerOf, type Observed, type ServingSettings } from './observed.ts';
import type { RevisionPlan } from './plan-revisions.ts';
import { podAutoscalerOf, settingsInForce } from './pod-autoscaler.ts';
import { privateService, publicService } from './revision-services.ts';
import type { Revision } from './revisions.ts';
import { routeOf } from './route.ts';
import { isScalingAnnotation, mark, scalingAnnotations } from './serving-names.ts';

export interface WantedObject {
  readonly object: ClusterObject;
  /** As it is now; undefined: it is to be made. */
  readonly current: ClusterObject | undefined;
}

/** An object of that name belongs to somebody else: it is left alone, and told of. */
export interface ForeignObject {
  readonly kind: string;
  readonly name: string;
}

export interface DesiredObjects {
  /** In the order in which they are written; those that are as they shall be are among them. */
  readonly wanted: readonly WantedObject[];
  readonly foreign: readonly ForeignObject[];
}

/** Does the annotation of a Deployment follow its PodAutoscaler? */
const follows = (key: string): boolean =>
  isScalingAnnotation(key) && key in scalingAnnotations({ [key]: '' });

/** The settings in force, and whether requests reach it; all else stays. */
const annotationsAfter = (
  current: TextMap,
  settings: TextMap,
  reachable: boolean,
): Record<string, string> => {
  const kept = Object.entries(current).filter(
    ([key]) => !follows(key) && (key !== mark.reachable || !reachable),
  );
  return {
    ...Object.fromEntries(kept),
    ...settings,
    ...(reachable ? {} : { [mark.reachable]: 'false' }),
  };
};

/** Pods are written anew where the settings that make them changed; replicas never. */
const deploymentAfter = (
  current: Deployment,
  made: Deployment | undefined,
  annotations: Record<string, string>,
): Deployment => {
  const podHash = made?.metadata.annotations?.[mark.podHash];
  const isSame = made === undefined || podHash === current.metadata.annotations?.[mark.podHash];
  const queueProxy = made?.metadata.annotations?.[mark.queueProxy];
  const marks = { [mark.podHash]: podHash ?? '', [mark.queueProxy]: queueProxy ?? 'false' };
  return {
    ...current,
    metadata: {
      ...current.metadata,
      annotations: isSame ? annotations : { ...annotations, ...marks },
    },
    spec: isSame ? current.spec : { ...current.spec, template: made.spec.template },
  };
};

const wantedDeployment = (
  revision: Revision,
  plan: RevisionPlan,
  { observed, settings: { config } }: { observed: Observed; settings: ServingSettings },
): WantedObject => {
  const { deployment } = revision;
  const reachable = isReachable(revision, plan);
  const current = deployment.metadata.uid === undefined ? undefined : deployment;
  if (current === undefined) return { object: deployment, current };
  const annotations = annotationsAfter(
    current.metadata.annotations ?? {},
    settingsInForce(current, autoscalerOf(revision, observed), config),
    reachable,
  );
  const made = revision === plan.latest ? plan.made : undefined;
  return { object: deploymentAfter(current, made, annotations), current };
};

/** Requests go to it, or will as soon as it is ready. */
const isReachable = (revision: Revision, plan: RevisionPlan): boolean => {
  if (revision === plan.target) return true;
  return revision === plan.latest && plan.latestProgress.phase === 'deploying';
};

const withoutSelector = (service: CoreService): CoreService => {
  const { selector: _, ...spec } = service.spec;
  return { ...service, spec };
};

/**
 * The wanted objects in the order of writing. A revision's own objects follow once its Deployment
 * is stored: they go with it. Pure.
 */
export const desiredObjectsOf = (
  service: KnativeService,
  plan: RevisionPlan,
  seen: { observed: Observed; settings: ServingSettings },
): DesiredObjects => {
  const { observed, settings } = seen;
  const wanted: WantedObject[] = [];
  const foreign: ForeignObject[] = [];
  const add = <Kind extends ClusterObject>(
    object: Kind,
    current: Kind | undefined,
    adjust: (current: Kind) => Kind,
  ): void => {
    const [owner] = object.metadata.ownerReferences ?? [];
    if (current === undefined) wanted.push({ object, current });
    else if (isOwnedBy(current, owner?.uid)) wanted.push({ object: adjust(current), current });
    else if (!isLeftover(current, owner))
      foreign.push({ kind: object.kind, name: object.metadata.name });
  };
  const kept = plan.revisions.filter((revision) => !plan.unwanted.includes(revision));
  for (const revision of kept) {
    const { name } = revision.deployment.metadata;
    const isNew = revision.deployment.metadata.uid === undefined;
    const there = isNew ? observed.find('Deployment', name) : undefined;
    const [owner] = revision.deployment.metadata.ownerReferences ?? [];
    if (there === undefined) wanted.push(wantedDeployment(revision, plan, seen));
    else if (!isLeftover(there, owner)) foreign.push({ kind: 'Deployment', name });
  }
  if (plan.target !== undefined) {
    const object = publicService(service, plan.target.deployment, settings.domain);
    const current = observed.find('Service', object.metadata.name);
    add(object, current, (now) => withoutSelector(adjusted(now, object)));
    const route: KnativeRoute = routeOf(service);
    add(route, observed.find('Route', route.metadata.name), (now) => adjusted(now, route));
  }
  for (const revision of kept.filter(({ deployment }) => deployment.metadata.uid !== undefined)) {
    const privateOne = privateService(revision.name, revision.deployment);
    const current = observed.find('Service', privateOne.metadata.name);
    add(privateOne, current, (now) => adjusted(now, privateOne));
    const reachable = isReachable(revision, plan);
    const autoscaler = podAutoscalerOf(revision.name, revision.deployment, reachable);
    add(autoscaler, observed.find('PodAutoscaler', revision.name), (now) =>
      adjusted(now, autoscaler, { annotations: 'theirs' }),
    );
  }
  return { wanted, foreign };
};
