/** The status of a Knative Service: readable for people, and what Knative's own tools look for. */
import { conditionsAfter, type Said, togetherOf } from './conditions.ts';
import type { ForeignObject } from './desired-objects.ts';
import type { ServiceVerdict } from './judge-service.ts';
import type { KnativeService, KnativeServiceStatus } from './knative-service.ts';
import type { ServingSettings } from './observed.ts';
import type { RevisionPlan } from './plan-revisions.ts';
import { addressesOf } from './route.ts';
import { trafficTold } from './traffic.ts';

export interface ServiceState {
  readonly verdict: ServiceVerdict;
  readonly plan: RevisionPlan;
  readonly foreign: readonly ForeignObject[];
  /** What the API server said against an object of it, if anything. */
  readonly refusal?: string | undefined;
}

const configurationsReady = ({ verdict, plan, foreign, refusal }: ServiceState): Said => {
  if (!verdict.ok) return { status: 'False', reason: verdict.reason, message: verdict.message };
  const [other] = foreign;
  if (other !== undefined) {
    const message =
      `There is a ${other.kind} "${other.name}" that does not belong to this Service; it is ` +
      'left alone. Rename one of the two.';
    return { status: 'False', reason: 'NotOwned', message };
  }
  if (refusal !== undefined) return { status: 'False', reason: 'Refused', message: refusal };
  const { latestProgress: progress } = plan;
  if (progress.phase === 'ready') return { status: 'True' };
  if (progress.phase === 'deploying') {
    const status = progress.reason === undefined ? 'Unknown' : 'False';
    return { status, reason: progress.reason ?? 'Deploying', message: progress.message };
  }
  return { status: 'False', reason: progress.reason, message: progress.message };
};

/** What says whether requests have somewhere to go. */
export const routesReady = ({ traffic, target, latestReady }: RevisionPlan): Said => {
  if (traffic.kind === 'refused') {
    return { status: 'False', reason: traffic.reason, message: traffic.message };
  }
  if (traffic.kind === 'revision' && target?.name !== traffic.name) {
    const message = `There is no revision ${traffic.name}; the traffic stays where it is.`;
    return { status: 'False', reason: 'RevisionMissing', message };
  }
  if (target === undefined || latestReady === undefined) {
    const message = 'No revision was ready yet; requests wait until one is.';
    return { status: 'Unknown', reason: 'RevisionMissing', message };
  }
  return { status: 'True' };
};

export const serviceStatus = (
  service: KnativeService,
  state: ServiceState,
  { domain, nowMs }: Pick<ServingSettings, 'domain' | 'nowMs'>,
): KnativeServiceStatus => {
  const { plan } = state;
  const configurations = configurationsReady(state);
  const routes = routesReady(plan);
  const conditions = conditionsAfter(
    service.status?.conditions ?? [],
    {
      ConfigurationsReady: configurations,
      RoutesReady: routes,
      Ready: togetherOf([configurations, routes]),
    },
    nowMs,
  );
  const { url, address } = addressesOf(service, domain);
  const created = plan.latest?.name;
  const ready = plan.latestReady?.name;
  return {
    observedGeneration: service.metadata.generation ?? 0,
    conditions,
    ...(plan.target === undefined ? {} : { url, address }),
    ...(created === undefined ? {} : { latestCreatedRevisionName: created }),
    ...(ready === undefined ? {} : { latestReadyRevisionName: ready }),
    ...(plan.target === undefined ? {} : { traffic: trafficTold(plan.target, plan.traffic) }),
  };
};
