/** The EndpointSlices of a public Service as they are to be, as near as can be to what they are. */
import type {
  DiscoveryV1EndpointPort,
  V1Endpoint,
  V1EndpointSlice,
  V1Service,
} from '@kubernetes/client-node';
import {
  type AddressType,
  type EndpointGroup,
  type EndpointsWanted,
  type PortUse,
  type RoutingWish,
  wantedEndpoints,
} from './wanted-endpoints.ts';

/** As many as Kubernetes' own controller puts into one; the API server takes 1,000. */
export const endpointsPerSliceMax = 100;

export const sliceLabel = {
  service: 'kubernetes.io/service-name',
  managedBy: 'endpointslice.kubernetes.io/managed-by',
  use: 'flyball.dev/ports',
} as const;
export const sliceAnnotation = {
  /** The Service's version by which it was last led where it leads, be it where it led before. */
  ledBy: 'flyball.dev/led-by',
} as const;
/** By this value of `managedBy` a slice is ours, and no other controller touches it. */
export const sliceManager = 'flyball.dev';

export interface SlicesWish extends RoutingWish {
  /** Our slices of this Service as they are now; none by default. */
  readonly existing?: readonly V1EndpointSlice[];
}

export interface WantedSlices extends Pick<EndpointsWanted, 'through'> {
  /** All of them; an existing one that is missing here is to be deleted. */
  readonly slices: readonly V1EndpointSlice[];
}

const samePorts = (
  one: readonly DiscoveryV1EndpointPort[],
  other: readonly DiscoveryV1EndpointPort[],
): boolean => {
  const text = (ports: readonly DiscoveryV1EndpointPort[]) =>
    ports
      .map(({ name, port, protocol, appProtocol }) => [name ?? '', port, protocol, appProtocol])
      .map((fields) => JSON.stringify(fields))
      .sort()
      .join();
  return text(one) === text(other);
};

const addressOf = ({ addresses }: V1Endpoint): string => addresses[0] ?? '';

/** A slice to be: which it is by name, and what it holds. */
interface Draft {
  readonly name: string;
  readonly endpoints: V1Endpoint[];
}

const useOf = ({ metadata }: V1EndpointSlice): string | undefined =>
  metadata?.labels?.[sliceLabel.use];

const nameOf = ({ metadata }: V1EndpointSlice): string => metadata?.name ?? '';

interface Kept {
  readonly slice: V1EndpointSlice;
  readonly endpoints: V1Endpoint[];
}

/** The slices that hold this group's kind of endpoints already, without endpoints that leave. */
const keptOf = (group: EndpointGroup, existing: readonly V1EndpointSlice[]): readonly Kept[] => {
  const wanted = new Map(group.endpoints.map((endpoint) => [addressOf(endpoint), endpoint]));
  const ofItsKind = existing.filter(
    (slice) =>
      slice.addressType === group.addressType &&
      useOf(slice) === group.use &&
      samePorts(slice.ports ?? [], group.ports),
  );
  const kept = ofItsKind.map((slice) => {
    const endpoints = (slice.endpoints ?? []).flatMap((endpoint) => {
      const address = addressOf(endpoint);
      const found = wanted.get(address);
      wanted.delete(address);
      return found ?? [];
    });
    return { slice, endpoints: endpoints.slice(0, endpointsPerSliceMax) };
  });
  const holding = kept.filter(({ endpoints }) => endpoints.length > 0);
  const needed = Math.ceil(group.endpoints.length / endpointsPerSliceMax);
  // After much has left, what stays is brought together.
  return holding.length > 2 * needed ? holding.slice(0, needed) : holding;
};

type NameFor = (use: PortUse, addressType: AddressType) => string;

/**
 * Gives out names: first those of slices that nobody keeps, which change in one write then. A
 * slice's family cannot be changed.
 */
const createNames = (
  service: V1Service,
  existing: readonly V1EndpointSlice[],
  kept: ReadonlySet<V1EndpointSlice>,
): NameFor => {
  const free = existing
    .filter((slice) => !kept.has(slice))
    .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const taken = new Set(existing.map(nameOf));
  return (use, addressType) => {
    const at = free.findIndex((one) => one.addressType === addressType && useOf(one) === use);
    const [found] = at < 0 ? [] : free.splice(at, 1);
    if (found !== undefined) return nameOf(found);
    for (let number = 0; ; number += 1) {
      const name = `${service.metadata?.name}-flyball-${number}`;
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  };
};

/** Endpoints stay where they are, others fill the gaps, and then slices of their own. */
const draftsOf = (
  group: EndpointGroup,
  kept: readonly Kept[],
  nameFor: NameFor,
): readonly Draft[] => {
  const drafts = kept.map(({ slice, endpoints }) => ({ name: nameOf(slice), endpoints }));
  const placed = new Set(drafts.flatMap(({ endpoints }) => endpoints.map(addressOf)));
  const waiting = group.endpoints.filter((endpoint) => !placed.has(addressOf(endpoint)));
  for (const { endpoints } of drafts) {
    endpoints.push(...waiting.splice(0, endpointsPerSliceMax - endpoints.length));
  }
  while (waiting.length > 0) {
    const endpoints = waiting.splice(0, endpointsPerSliceMax);
    drafts.push({ name: nameFor(group.use, group.addressType), endpoints });
  }
  return drafts;
};

const sliceOf = (
  { metadata }: V1Service,
  { use, addressType, ports }: EndpointGroup,
  { name, endpoints }: Draft,
): V1EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name,
    namespace: metadata?.namespace ?? '',
    labels: {
      [sliceLabel.service]: metadata?.name ?? '',
      [sliceLabel.managedBy]: sliceManager,
      [sliceLabel.use]: use,
    },
    ownerReferences: [
      {
        apiVersion: 'v1',
        kind: 'Service',
        name: metadata?.name ?? '',
        uid: metadata?.uid ?? '',
        controller: true,
      },
    ],
  },
  addressType,
  endpoints: endpoints.toSorted((one, other) => (addressOf(one) < addressOf(other) ? -1 : 1)),
  ports: [...ports],
});

/**
 * The EndpointSlices that a public Service is to have. With nobody to lead to there are none; else
 * none is ever empty. Where the routing names nobody who is there, the other way is taken.
 */
export const endpointSlicesOf = (wish: SlicesWish): WantedSlices => {
  const { service, existing = [] } = wish;
  const { groups, through } = wantedEndpoints(wish);
  const plans = groups.map((group) => ({ group, kept: keptOf(group, existing) }));
  const staying = new Set(plans.flatMap(({ kept }) => kept.map(({ slice }) => slice)));
  const nameFor = createNames(service, existing, staying);
  const slices = plans.flatMap(({ group, kept }) =>
    draftsOf(group, kept, nameFor).map((draft) => sliceOf(service, group, draft)),
  );
  return { slices, through };
};
