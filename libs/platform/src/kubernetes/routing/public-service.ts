/** A public Service: the one that clients use, without a selector; its EndpointSlices are ours. */
import { hostsOf, type Routing, type WorkloadKey, workloadKey } from '@flyball/contracts';
import { publicServiceAnnotation } from '@flyball/knative';
import type { V1Service } from '@kubernetes/client-node';
import { hostsAnnotated } from '../../annotations.ts';
import { carriesRequests } from './service-ports.ts';

export const serviceAnnotation = {
  /** The Deployment, of the Service's own namespace, that its requests go to. */
  deployment: publicServiceAnnotation,
  /** Where they go now: `activator` or `pods`. */
  routing: 'flyball.dev/routing',
  /** The Deployment that this was decided for. */
  routedDeployment: 'flyball.dev/routed-deployment',
} as const;

/** The workload that a Service names; undefined for one that is not public. */
export const workloadOfService = ({ metadata }: V1Service): WorkloadKey | undefined => {
  const { namespace, annotations } = metadata ?? {};
  const name = annotations?.[serviceAnnotation.deployment];
  if (namespace === undefined || name === undefined || name === '') return undefined;
  return workloadKey(namespace, name);
};

/**
 * What was decided for the very Deployment that it names. Until that is written it leads to the
 * pods, as any Service does: the activators may not have heard of it yet.
 */
export const routingOfService = ({ metadata }: V1Service): Routing => {
  const annotations = metadata?.annotations ?? {};
  const isItsOwn =
    annotations[serviceAnnotation.routedDeployment] === annotations[serviceAnnotation.deployment];
  const isLed = isItsOwn && annotations[serviceAnnotation.routing] === 'activator';
  return isLed ? 'activator' : 'pods';
};

/** The annotations that say so. */
export const routingAnnotations = (deployment: string, routing: Routing) => ({
  [serviceAnnotation.routing]: routing,
  [serviceAnnotation.routedDeployment]: deployment,
});

/** Why no slices of ours can serve it, in words for its writer; undefined when they can. */
export const obstacleOfService = ({ metadata, spec }: V1Service): string | undefined => {
  const name = `Service ${metadata?.namespace}/${metadata?.name}`;
  const named = `It names a Deployment by ${serviceAnnotation.deployment}`;
  if (Object.keys(spec?.selector ?? {}).length > 0) {
    return (
      `${name} has a selector, so Kubernetes leads its requests to the pods itself. ` +
      `${named}: remove spec.selector from this one, and keep another Service with it if needed.`
    );
  }
  if (spec?.type === 'ExternalName') {
    return `${name} is of type ExternalName, which has no endpoints. ${named}: use ClusterIP.`;
  }
  if (spec?.clusterIP === 'None') {
    return (
      `${name} is headless, so clients connect to endpoints by the Service's own port. ` +
      `${named}: leave spec.clusterIP out, so that it gets an address of its own.`
    );
  }
  return (spec?.ports ?? []).length === 0 ? `${name} has no ports. ${named}.` : undefined;
};

/** Why we cannot route its requests; where there is no obstacle, its ports lead to the pods. */
export const problemOfService = (service: V1Service): string | undefined => {
  const obstacle = obstacleOfService(service);
  if (obstacle !== undefined || carriesRequests(service)) return obstacle;
  const { namespace, name } = service.metadata ?? {};
  return (
    `Service ${namespace}/${name} has no TCP port without TLS, so that nobody can hold or count ` +
    'its requests: they go straight to the pods. The Deployment that it names by ' +
    `${serviceAnnotation.deployment} is scaled as if there were none, but not to zero: give the ` +
    'Service a port for HTTP without TLS.'
  );
};

/** By these a node keeps requests to itself; who sends them to it. */
const localPolicies = [
  ['externalTrafficPolicy', 'the load balancer sends'],
  ['internalTrafficPolicy', 'clients send'],
] as const;

/** Why some of its requests may be dropped although it is routed; undefined when none are. */
export const hazardOfService = ({ metadata, spec }: V1Service): string | undefined => {
  for (const [policy, sent] of localPolicies) {
    if (spec?.[policy] !== 'Local') continue;
    return (
      `Service ${metadata?.namespace}/${metadata?.name} has ${policy} Local: what ` +
      `${sent} to a node is dropped while no activator, or no ready pod, is on ` +
      'that very node. Where its requests lead changes with the load: make it Cluster.'
    );
  }
  return undefined;
};

const clusterDomain = 'svc.cluster.local';

/** Is it the name of something in another namespace, which is not this Service's to give away? */
const isForeign = (host: string, namespace: string, domain: string): boolean => {
  const suffix = [clusterDomain, 'svc', domain].find((one) => host.endsWith(`.${one}`));
  if (suffix === undefined) return false;
  const labels = host.slice(0, -suffix.length - 1).split('.');
  return labels.length > 1 && labels.at(-1) !== namespace;
};

/** The hosts that the annotations of a Service or a Deployment list, as far as it may have them. */
export const hostsListed = (
  annotations: Readonly<Record<string, string>>,
  namespace: string,
  domain: string,
): readonly string[] =>
  hostsAnnotated(annotations).filter((host) => !isForeign(host, namespace, domain));

/** The hosts by which clients ask for a public Service; `domain` is that of the activator. */
export const hostsOfService = ({ metadata }: V1Service, domain: string): readonly string[] => {
  const { namespace = '', annotations = {} } = metadata ?? {};
  const name = `${metadata?.name}.${namespace}`;
  const own = [name, `${name}.svc`, `${name}.${clusterDomain}`, `${name}.${domain}`];
  return hostsOf([...own, ...hostsListed(annotations, namespace, domain)]);
};
