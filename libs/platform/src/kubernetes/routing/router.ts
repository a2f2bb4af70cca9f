/** Leads a workload's public Services to the activators or to its pods, as it was decided. */
import { OutsideError, type Routing, type WorkloadKey, workloadName } from '@flyball/contracts';
import type { V1EndpointSlice, V1Service } from '@kubernetes/client-node';
import { isOvertaken } from '../../gone.ts';
import type { ClusterAccess } from '../cluster-access.ts';
import type { EndpointPod } from './endpoint-pod.ts';
import {
  obstacleOfService,
  problemOfService,
  routingAnnotations,
  serviceAnnotation,
  workloadOfService,
} from './public-service.ts';
import { createPublicServicesReader } from './read-public-services.ts';
import { readService, settleService } from './settle-service.ts';
import { readOwnSlices } from './slice-store.ts';

type Awaitable<Value> = Value | Promise<Value>;

/** What is there, as it was seen last or as it is read now. Rejects with OutsideError. */
export interface RoutingSources {
  readonly pods: (workload: WorkloadKey) => Awaitable<readonly EndpointPod[]>;
  /** The EndpointSlices of the activator's own Service. */
  readonly activators: () => Awaitable<readonly V1EndpointSlice[]>;
}

export interface RouterOptions {
  readonly access: ClusterAccess;
  readonly sources: RoutingSources;
  /** Under this name the writes are made. */
  readonly fieldManager: string;
}

export interface Router {
  /**
   * Resolves when it is written. A workload without a public Service is asked for through the
   * activator only: nothing is to be done. PLATFORM_UNREACHABLE when no activator is there to lead
   * to; PLATFORM_CONFLICT when others write the same again and again, or decided otherwise since;
   * PLATFORM_REFUSED when the API server refuses, or a Service cannot be led to activators.
   */
  readonly route: (workload: WorkloadKey, routing: Routing) => Promise<void>;
}

/** Another writer of the Service is met this often. */
const triesMax = 4;

interface Annotated {
  readonly service: V1Service;
  /** False: it said so already when it was seen last. */
  readonly isFresh: boolean;
  /** True: it was written here, and something was decided before. */
  readonly isDecidedAnew: boolean;
}

/**
 * Writes down on the Service what was decided, for whoever keeps its slices right afterwards.
 * Undefined when it is gone or names the workload no longer.
 */
const annotate = async (
  { access, fieldManager }: RouterOptions,
  seen: V1Service,
  workload: WorkloadKey,
  routing: Routing,
): Promise<Annotated | undefined> => {
  const { namespace, name } = seen.metadata ?? {};
  const query = new URLSearchParams({ fieldManager });
  const path = `/api/v1/namespaces/${namespace}/services/${name}?${query}`;
  const annotations = routingAnnotations(workloadName(workload).name, routing);
  let service: V1Service | undefined = seen;
  for (let attempt = 1; ; attempt += 1) {
    if (service === undefined || workloadOfService(service) !== workload) return undefined;
    const { annotations: known = {}, resourceVersion } = service.metadata ?? {};
    if (Object.entries(annotations).every(([key, value]) => known[key] === value)) {
      return { service, isFresh: attempt > 1, isDecidedAnew: false };
    }
    const body = { metadata: { annotations, resourceVersion } };
    try {
      service = await access.request<V1Service>({ method: 'PATCH', path, body });
      return { service, isFresh: true, isDecidedAnew: serviceAnnotation.routing in known };
    } catch (error) {
      if (!isOvertaken(error) || attempt >= triesMax) throw error;
    }
    service = await readService(access, seen);
  }
};

const nameOf = ({ metadata }: V1Service): string => `${metadata?.namespace}/${metadata?.name}`;

const noActivator = (service: V1Service): OutsideError => {
  const families = (service.spec?.ipFamilies ?? []).join(' or ');
  const message =
    `Service ${nameOf(service)} cannot be led to an activator: none is ready that has an ` +
    `${families || 'IP'} address. Its requests go to the pods meanwhile; see to it that ` +
    "activators run, and that the Service's ipFamilies has that of theirs.";
  return new OutsideError('PLATFORM_UNREACHABLE', message, { retriable: true });
};

const decidedOtherwise = (service: V1Service, routing: Routing): OutsideError => {
  const message = `Service ${nameOf(service)} was led elsewhere while it was led to: ${routing}`;
  return new OutsideError('PLATFORM_CONFLICT', message, { retriable: false });
};

/** Before anything is written: of several, none is to be led where the others cannot follow. */
const refuseUnroutable = (services: readonly V1Service[]): void => {
  const problem = services.map(problemOfService).find((one) => one !== undefined);
  if (problem !== undefined) {
    throw new OutsideError('PLATFORM_REFUSED', problem, { retriable: false });
  }
};

const routeService = async (
  options: RouterOptions,
  seen: V1Service,
  workload: WorkloadKey,
  routing: Routing,
): Promise<void> => {
  const { access, sources, fieldManager } = options;
  // Where it leads is not ours to say.
  if (obstacleOfService(seen) !== undefined) return;
  const { namespace = '', name = '' } = seen.metadata ?? {};
  // Slices, then the annotation, then the slices' new content: an older decision is found out.
  const slices = await readOwnSlices(access, namespace, name);
  const annotated = await annotate(options, seen, workload, routing);
  if (annotated === undefined) return;
  const settled = await settleService({
    ...{ access, fieldManager, slices, ...annotated },
    endpoints: async () => ({
      pods: await sources.pods(workload),
      activators: await sources.activators(),
    }),
  });
  if (settled === undefined) return;
  if (settled.routing !== routing) throw decidedOtherwise(seen, routing);
  if (routing === 'activator' && settled.through !== 'activator') throw noActivator(seen);
};

export const createRouter = (options: RouterOptions): Router => {
  const readPublicServices = createPublicServicesReader(options.access);
  return {
    route: async (workload, routing) => {
      // Whoever told of a Service may have seen it before a watch of this process has: what is
      // passed by now is never routed, as its routing counts as applied.
      const services = await readPublicServices(workload);
      if (routing === 'activator') refuseUnroutable(services);
      for (const service of services) {
        await routeService(options, service, workload, routing);
      }
    },
  };
};
