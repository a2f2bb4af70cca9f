/** The Route of a Knative Service: by which address it is asked for. */
import { type Condition, ownerReference } from '../objects/cluster-object.ts';
import { conditionsAfter, type Said } from './conditions.ts';
import {
  type KnativeRoute,
  type KnativeService,
  knativeServiceVersion,
  type RouteStatus,
  type TrafficTarget,
} from './knative-service.ts';
import { hostOf, managedByLabel, servingLabel } from './serving-names.ts';

export const routeOf = (owner: KnativeService): KnativeRoute => {
  const { name, namespace = '' } = owner.metadata;
  return {
    apiVersion: knativeServiceVersion,
    kind: 'Route',
    metadata: {
      name,
      namespace,
      labels: { [servingLabel.service]: name, ...managedByLabel },
      ownerReferences: [
        ownerReference({ ...owner, apiVersion: knativeServiceVersion, kind: 'Service' }),
      ],
    },
    spec: { traffic: [{ configurationName: name, latestRevision: true, percent: 100 }] },
  };
};

export interface Addresses {
  readonly url: string;
  readonly domain: string;
  readonly address: { readonly url: string };
}

/** From outside and from inside the cluster. */
export const addressesOf = (
  { metadata }: KnativeService | KnativeRoute,
  domain: string,
): Addresses => {
  const { name, namespace = '' } = metadata;
  const host = hostOf({ name, namespace }, domain);
  const inside = `${name}.${namespace}.svc.cluster.local`;
  return { url: `http://${host}`, domain: host, address: { url: `http://${inside}` } };
};

/** Ready as soon as there is a revision to go to: until it has pods, requests wait. */
export const routeStatus = (
  route: KnativeRoute,
  { ready, traffic }: { ready: Said; traffic: readonly TrafficTarget[] },
  { domain, nowMs }: { domain: string; nowMs: number },
): RouteStatus => {
  const before: readonly Condition[] = route.status?.conditions ?? [];
  const said = { AllTrafficAssigned: ready, IngressReady: { status: 'True' as const } };
  return {
    observedGeneration: route.metadata.generation ?? 0,
    conditions: conditionsAfter(before, { ...said, Ready: ready }, nowMs),
    ...addressesOf(route, domain),
    traffic,
  };
};
