/** Which endpoints a public Service is to have: activators or pods, by family of addresses. */
import { isIPv6 } from 'node:net';
import type { Routing } from '@flyball/contracts';
import type {
  DiscoveryV1EndpointPort,
  V1Endpoint,
  V1EndpointSlice,
  V1Service,
  V1ServicePort,
} from '@kubernetes/client-node';
import type { EndpointPod } from './endpoint-pod.ts';
import { portsByUse, portsOnActivator, portsOnPod } from './service-ports.ts';

export type AddressType = 'IPv4' | 'IPv6';
/** What a slice's ports carry: requests, which Flyball routes, or anything else. */
export type PortUse = 'requests' | 'others';

/** Endpoints that can share slices: one family, and the same numbers for the same ports. */
export interface EndpointGroup {
  readonly use: PortUse;
  readonly addressType: AddressType;
  readonly ports: readonly DiscoveryV1EndpointPort[];
  /** Each address once, in order. */
  readonly endpoints: readonly V1Endpoint[];
}

export interface EndpointsWanted {
  readonly groups: readonly EndpointGroup[];
  /** Where requests go: not always where they were to, since nobody may be there. */
  readonly through: Routing | 'nothing';
}

export interface RoutingWish {
  readonly service: V1Service;
  readonly routing: Routing;
  /** All pods of the Deployment, ready or not. */
  readonly pods: readonly EndpointPod[];
  /** The EndpointSlices of the activator's own Service. */
  readonly activators: readonly V1EndpointSlice[];
}

const addressTypeOf = (ip: string): AddressType => (isIPv6(ip) ? 'IPv6' : 'IPv4');

const familiesOf = ({ spec }: V1Service): readonly AddressType[] => {
  const families = (spec?.ipFamilies ?? []).filter((one) => one === 'IPv4' || one === 'IPv6');
  return families.length > 0 ? families : ['IPv4', 'IPv6'];
};

interface Placed {
  readonly endpoint: V1Endpoint;
  readonly ports: readonly DiscoveryV1EndpointPort[];
}

const conditions = { ready: true, serving: true, terminating: false };

const podEndpoint = ({ namespace, name, uid, nodeName }: EndpointPod, ip: string): V1Endpoint => ({
  addresses: [ip],
  conditions,
  ...(nodeName === undefined ? {} : { nodeName }),
  targetRef: { kind: 'Pod', namespace, name, uid },
});

const podsOf = (
  { pods }: RoutingWish,
  family: AddressType,
  ports: readonly V1ServicePort[],
  use: PortUse,
): readonly Placed[] =>
  pods.flatMap((pod) => {
    // A queue-proxy listens at the first address of its pod, and at no other.
    const isProxied = use === 'requests' && pod.queuePort !== undefined;
    const ips = isProxied ? pod.ips.slice(0, 1) : pod.ips;
    const ip = ips.find((one) => addressTypeOf(one) === family);
    if (!pod.ready || ip === undefined) return [];
    const onPod = portsOnPod(ports, pod, use === 'requests');
    return onPod.length === 0 ? [] : [{ endpoint: podEndpoint(pod, ip), ports: onPod }];
  });

/** Ready ones; while none is, those that end but still serve. */
const usable = (endpoints: readonly V1Endpoint[]): readonly V1Endpoint[] => {
  const ready = endpoints.filter(({ conditions: is }) => is?.ready !== false);
  if (ready.length > 0) return ready;
  return endpoints.filter(({ conditions: is }) => is?.serving === true);
};

const activatorsOf = (
  { activators }: RoutingWish,
  family: AddressType,
  ports: readonly V1ServicePort[],
): readonly Placed[] => {
  const ofFamily = activators.filter(({ addressType }) => addressType === family);
  // The API server writes null for a list without members.
  const all = usable(ofFamily.flatMap(({ endpoints }) => endpoints ?? []));
  return ofFamily.flatMap((slice) => {
    const onActivator = portsOnActivator(ports, slice.ports ?? []);
    if (onActivator.length === 0) return [];
    return (slice.endpoints ?? [])
      .filter((endpoint) => all.includes(endpoint))
      .map(({ addresses, conditions: is, nodeName, zone }) => ({
        ports: onActivator,
        endpoint: {
          addresses: addresses.slice(0, 1),
          conditions: is?.ready === false ? { ...is } : conditions,
          ...(nodeName === undefined ? {} : { nodeName }),
          ...(zone === undefined ? {} : { zone }),
        },
      }));
  });
};

const addressOf = ({ addresses }: V1Endpoint): string => addresses[0] ?? '';

const groupsOf = (
  placed: readonly Placed[],
  use: PortUse,
  addressType: AddressType,
): readonly EndpointGroup[] => {
  const byPorts = new Map<string, { ports: Placed['ports']; endpoints: Map<string, V1Endpoint> }>();
  for (const { endpoint, ports } of placed) {
    const key = JSON.stringify(ports);
    const group = byPorts.get(key) ?? { ports, endpoints: new Map<string, V1Endpoint>() };
    byPorts.set(key, group);
    group.endpoints.set(addressOf(endpoint), endpoint);
  }
  const keys = [...byPorts.keys()].sort();
  return keys.flatMap((key) => {
    const group = byPorts.get(key);
    if (group === undefined) return [];
    const addresses = [...group.endpoints.keys()].sort();
    const endpoints = addresses.flatMap((address) => group.endpoints.get(address) ?? []);
    return [{ use, addressType, ports: group.ports, endpoints }];
  });
};

/**
 * Those in which requests can go where they are led. By a family that no activator has they would
 * go around the activators: nobody would count them, and zero would never come, or come too early.
 */
const requestFamilies = (
  wish: RoutingWish,
  ports: readonly V1ServicePort[],
): readonly AddressType[] => {
  const families = familiesOf(wish.service);
  if (wish.routing === 'pods') return families;
  const led = families.filter((family) => activatorsOf(wish, family, ports).length > 0);
  return led.length > 0 ? led : families;
};

interface Requests {
  readonly through: EndpointsWanted['through'];
  readonly placed: readonly Placed[];
}

/** Whoever is there, first of those that the routing names: nobody at all is worse than either. */
const requestsOf = (
  wish: RoutingWish,
  family: AddressType,
  ports: readonly V1ServicePort[],
): Requests => {
  const pods: Requests = { through: 'pods', placed: podsOf(wish, family, ports, 'requests') };
  const activators: Requests = { through: 'activator', placed: activatorsOf(wish, family, ports) };
  const order = wish.routing === 'pods' ? [pods, activators] : [activators, pods];
  return order.find(({ placed }) => placed.length > 0) ?? { through: 'nothing', placed: [] };
};

/** Pods that are not ready, or that end, are in no group. */
export const wantedEndpoints = (wish: RoutingWish): EndpointsWanted => {
  const { requests, others } = portsByUse(wish.service.spec?.ports ?? []);
  const groups: EndpointGroup[] = [];
  const ways = new Set<EndpointsWanted['through']>();
  for (const family of requestFamilies(wish, requests)) {
    const { through, placed } = requestsOf(wish, family, requests);
    ways.add(through);
    groups.push(...groupsOf(placed, 'requests', family));
  }
  for (const family of others.length === 0 ? [] : familiesOf(wish.service)) {
    groups.push(...groupsOf(podsOf(wish, family, others, 'others'), 'others', family));
  }
  const through = ways.has('pods') ? 'pods' : ways.has('activator') ? 'activator' : 'nothing';
  return { groups, through };
};
