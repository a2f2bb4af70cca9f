/** Makes one public Service's EndpointSlices what they are to be, whoever else writes them. */
import type { Routing } from '@flyball/contracts';
import type { V1EndpointSlice, V1Service } from '@kubernetes/client-node';
import { isOvertaken, orNothing } from '../../gone.ts';
import type { ClusterAccess } from '../cluster-access.ts';
import { endpointSlicesOf, sliceAnnotation, sliceLabel } from './endpoint-slices.ts';
import { obstacleOfService, routingOfService, workloadOfService } from './public-service.ts';
import { carriesRequests } from './service-ports.ts';
import { readOwnSlices, writeSlice } from './slice-store.ts';
import { sliceWrites } from './slice-writes.ts';
import type { EndpointsWanted, RoutingWish } from './wanted-endpoints.ts';

/** Another writer of the same slices is met this often, each time with what is there then. */
const triesMax = 6;

type Ends = Pick<RoutingWish, 'pods' | 'activators'>;

export interface SettleOptions {
  readonly access: ClusterAccess;
  /** Under this name the writes are made. */
  readonly fieldManager: string;
  /** As it was seen last. */
  readonly service: V1Service;
  /** True: it was read or written after `slices` were; where requests lead may change by it. */
  readonly isFresh: boolean;
  /**
   * True: this Service is a new decision. All slices that carry requests are written once after it,
   * even those that lead there already: somebody may be about to write by an older decision.
   */
  readonly isDecidedAnew?: boolean;
  /**
   * Its Deployment is not Flyball's any more: no activator answers for it, whatever was decided. It
   * leads to its pods, and the decision stays for when it comes back.
   */
  readonly isLetGo?: boolean;
  /** Our slices of it, as they were seen last; undefined: they are read. */
  readonly slices?: readonly V1EndpointSlice[] | undefined;
  /** Whom requests can lead to, asked again before each try. */
  readonly endpoints: () => Ends | Promise<Ends>;
}

export interface Settled {
  /** What was decided, as the Service says it. */
  readonly routing: Routing;
  readonly through: EndpointsWanted['through'];
  /** Our slices lead its requests to somebody; where no port carries any, the other ports. */
  readonly leads: boolean;
  /** Calls that changed something. */
  readonly writes: number;
}

/** Only pods are referred to. */
const throughOf = (slices: readonly V1EndpointSlice[]): EndpointsWanted['through'] => {
  const requests = slices.filter(({ metadata }) => metadata?.labels?.[sliceLabel.use] !== 'others');
  const endpoints = requests.flatMap((slice) => slice.endpoints ?? []);
  if (endpoints.length === 0) return 'nothing';
  return endpoints.some(({ targetRef }) => targetRef !== undefined) ? 'pods' : 'activator';
};

/** Says by which Service those lead that carry requests; this alone is a change to be written. */
const ledBy = (
  { metadata }: V1Service,
  slices: readonly V1EndpointSlice[],
): readonly V1EndpointSlice[] => {
  const version = metadata?.resourceVersion;
  if (version === undefined) return slices;
  const annotations = { [sliceAnnotation.ledBy]: version };
  return slices.map((slice) => {
    if (slice.metadata?.labels?.[sliceLabel.use] === 'others') return slice;
    return { ...slice, metadata: { ...slice.metadata, annotations } };
  });
};

const servicePath = ({ metadata }: V1Service): string =>
  `/api/v1/namespaces/${metadata?.namespace}/services/${metadata?.name}`;

/** The Service as it is now; undefined when there is none. Rejects with OutsideError. */
export const readService = (
  access: ClusterAccess,
  service: V1Service,
): Promise<V1Service | undefined> =>
  orNothing(access.request<V1Service>({ path: servicePath(service) }));

interface Plan extends Omit<Settled, 'writes'> {
  /** Requests are led elsewhere by these writes. */
  readonly isTurn: boolean;
  readonly writes: ReturnType<typeof sliceWrites>;
}

/** Undefined: it names another workload than it was seen to, and is left to whoever sees that. */
const planFor = (
  options: SettleOptions,
  service: V1Service | undefined,
  { existing, ends }: { readonly existing: readonly V1EndpointSlice[]; readonly ends: Ends },
): Plan | undefined => {
  const workload = service === undefined ? undefined : workloadOfService(service);
  if (service === undefined || workload === undefined || obstacleOfService(service) !== undefined) {
    const writes = sliceWrites(existing, []);
    const isTurn = throughOf(existing) !== 'nothing';
    return { routing: 'activator', through: 'nothing', leads: false, isTurn, writes };
  }
  if (workload !== workloadOfService(options.service)) return undefined;
  const routing = options.isLetGo === true ? 'pods' : routingOfService(service);
  const { slices, through } = endpointSlicesOf({ service, routing, existing, ...ends });
  const leads = carriesRequests(service) ? through !== 'nothing' : slices.length > 0;
  const isTurn = throughOf(existing) !== through;
  const wanted = isTurn || options.isDecidedAnew === true ? ledBy(service, slices) : slices;
  return { routing, through, leads, isTurn, writes: sliceWrites(existing, wanted) };
};

/**
 * Resolves when all is written; undefined when the Service names another workload by now. One that
 * names none, or cannot be routed, loses our slices. Rejects with OutsideError as the API server
 * answers. Slices are always older than the Service by which they are led elsewhere: whoever
 * decides otherwise meanwhile writes them too, even where they lead already, so that one of the two
 * writes is refused and sees what the other one did.
 */
export const settleService = async (options: SettleOptions): Promise<Settled | undefined> => {
  const { access, fieldManager } = options;
  const { name = '', namespace = '' } = options.service.metadata ?? {};
  let service: V1Service | undefined = options.service;
  let { isFresh, slices } = options;
  let writes = 0;
  for (let attempt = 1; ; attempt += 1) {
    const existing = slices ?? (await readOwnSlices(access, namespace, name));
    const now = { existing, ends: await options.endpoints() };
    let plan = planFor(options, service, now);
    const mayMislead = plan?.isTurn === true || (attempt > 1 && plan?.writes.length !== 0);
    if (!isFresh && mayMislead) {
      service = await readService(access, options.service);
      plan = planFor(options, service, now);
    }
    if (plan === undefined) return undefined;
    try {
      for (const write of plan.writes) {
        await writeSlice(access, write, fieldManager);
        writes += 1;
      }
      const { routing, through, leads } = plan;
      return { routing, through, leads, writes };
    } catch (error) {
      if (!isOvertaken(error) || attempt >= triesMax) throw error;
      slices = undefined;
      isFresh = false;
    }
  }
};
