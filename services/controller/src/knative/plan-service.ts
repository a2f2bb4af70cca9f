/** All that is to be done for one Knative Service: objects, statuses, and what is told. */
import type { ClusterObject, Condition } from '../objects/cluster-object.ts';
import { desiredObjectsOf, type ForeignObject, type WantedObject } from './desired-objects.ts';
import { judgeService, type ServiceVerdict } from './judge-service.ts';
import type { KnativeService, KnativeServiceStatus } from './knative-service.ts';
import { autoscalerOf, type Observed, type ServingSettings } from './observed.ts';
import { planRevisions, type RevisionPlan } from './plan-revisions.ts';
import { invalidAnnotations, podAutoscalerStatus } from './pod-autoscaler.ts';
import { routeStatus } from './route.ts';
import { routesReady, serviceStatus } from './service-status.ts';
import { mark } from './serving-names.ts';
import { trafficTold } from './traffic.ts';

/** Told as a Kubernetes Event. */
export interface Notice {
  /** What it is told of; undefined: the Knative Service. */
  readonly about?: ClusterObject;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface WantedStatus {
  readonly object: ClusterObject & { readonly status?: object };
  readonly status: object;
}

export interface ServicePlan {
  readonly verdict: ServiceVerdict;
  readonly revisions: RevisionPlan;
  readonly wanted: readonly WantedObject[];
  readonly foreign: readonly ForeignObject[];
  readonly unwanted: readonly ClusterObject[];
  /** Of objects that are stored already. */
  readonly statuses: readonly WantedStatus[];
  readonly notices: readonly Notice[];
}

const readyOf = (conditions: readonly Condition[] | undefined): Condition | undefined =>
  conditions?.find(({ type }) => type === 'Ready');

const refusalNotices = (service: KnativeService, status: KnativeServiceStatus): Notice[] => {
  const [before, after] = [readyOf(service.status?.conditions), readyOf(status.conditions)];
  if (after?.status !== 'False') return [];
  const isTold = before?.reason === after.reason && before?.message === after.message;
  if (isTold) return [];
  return [{ type: 'Warning', reason: after.reason ?? 'NotReady', message: after.message ?? '' }];
};

/** Of PodAutoscalers: whoever edits one looks there, and not at the Service. */
const autoscalerNotices = (statuses: readonly WantedStatus[]): Notice[] =>
  statuses.flatMap(({ object, status }) => {
    if (object.kind !== 'PodAutoscaler') return [];
    const [before, after] = [object.status ?? {}, status].map((one) =>
      readyOf((one as { readonly conditions?: readonly Condition[] }).conditions),
    );
    if (after?.reason !== invalidAnnotations) return [];
    if (before?.reason === after.reason && before.message === after.message) return [];
    const message = `The settings before stay in force. ${after.message ?? ''}`;
    return [{ about: object, type: 'Warning', reason: invalidAnnotations, message }];
  });

const noticesOf = (
  service: KnativeService,
  plan: Pick<ServicePlan, 'verdict' | 'revisions' | 'wanted'>,
  { status, observed }: { status: KnativeServiceStatus; observed: Observed },
): Notice[] => {
  const { verdict, revisions, wanted } = plan;
  const notices = refusalNotices(service, status);
  const { latest, target } = revisions;
  const isMade = wanted.some(
    ({ object, current }) => current === undefined && object === latest?.deployment,
  );
  if (isMade && latest !== undefined) {
    const message = `Created revision ${latest.name}.`;
    notices.push({ type: 'Normal', reason: 'RevisionCreated', message });
    const warnings = verdict.ok ? verdict.warnings : [];
    if (warnings.length > 0) {
      notices.push({ type: 'Warning', reason: 'NoEffect', message: warnings.join('; ') });
    }
  }
  const before = observed.find('Service', service.metadata.name)?.metadata.annotations;
  const reached = before?.[mark.deployment];
  if (target !== undefined && reached !== undefined) {
    const message = `Requests go to ${target.name} from now on.`;
    const hasMoved = reached !== target.deployment.metadata.name;
    if (hasMoved) notices.push({ type: 'Normal', reason: 'TrafficMoved', message });
  }
  return notices;
};

const statusesOf = (
  service: KnativeService,
  plan: Pick<ServicePlan, 'revisions'> & { status: KnativeServiceStatus },
  { observed, settings }: { observed: Observed; settings: ServingSettings },
): WantedStatus[] => {
  const { config, nowMs, domain } = settings;
  const { revisions, status } = plan;
  const autoscalers = revisions.revisions.flatMap((revision) => {
    const { name, deployment } = revision;
    const object = autoscalerOf(revision, observed);
    if (object === undefined || revisions.unwanted.some((one) => one.name === name)) return [];
    const readyOnce = revisions.ready.has(name);
    const now = { config, nowMs, readyOnce };
    return [{ object, status: podAutoscalerStatus(object, deployment, now) }];
  });
  const route = observed.find('Route', service.metadata.name);
  const routes =
    route === undefined
      ? []
      : [
          {
            object: route,
            status: routeStatus(
              route,
              {
                ready: routesReady(revisions),
                traffic: trafficTold(revisions.target, revisions.traffic),
              },
              { domain, nowMs },
            ),
          },
        ];
  return [...autoscalers, ...routes, { object: service, status }];
};

export interface PlanInputs {
  readonly observed: Observed;
  readonly settings: ServingSettings;
  /** What the API server said against one of its objects. */
  readonly refusal?: string | undefined;
}

/** Level, not edge: planned again on what it made, it has nothing to do. Pure. */
export const planService = (service: KnativeService, inputs: PlanInputs): ServicePlan => {
  const { observed, settings, refusal } = inputs;
  const verdict = judgeService(service, settings.config);
  const sound = verdict.ok ? verdict : undefined;
  const revisions = planRevisions(service, sound, inputs);
  const { wanted, foreign } = desiredObjectsOf(service, revisions, inputs);
  const state = { verdict, plan: revisions, foreign, refusal };
  const status = serviceStatus(service, state, settings);
  const statuses = statusesOf(service, { revisions, status }, inputs);
  const ofService = noticesOf(service, { verdict, revisions, wanted }, { status, observed });
  return {
    ...{ verdict, revisions, wanted, foreign },
    unwanted: revisions.unwanted
      .map(({ deployment }) => deployment)
      .filter(({ metadata }) => metadata.uid !== undefined),
    statuses,
    notices: [...ofService, ...autoscalerNotices(statuses)],
  };
};
