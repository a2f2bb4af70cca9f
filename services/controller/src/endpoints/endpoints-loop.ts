/** Keeps the EndpointSlices of public Services right, whatever comes and goes. */
import { partitionOf, type WorkloadKey } from '@flyball/contracts';
import {
  type ClusterAccess,
  type ObjectKey,
  problemOfService,
  type ServiceObject,
  settleService,
  workloadOfService,
} from '@flyball/platform/kubernetes';
import type { Clock, Life, Ownership } from '@flyball/service';
import type { PartitionLoop } from '../loop.ts';
import type { ClusterObject } from '../objects/cluster-object.ts';
import type { EventRecorder } from '../objects/event-recorder.ts';
import { controllerFieldManager } from '../objects/object-writer.ts';
import { createWorkQueue } from '../work/work-queue.ts';
import { problemOfLeftovers, removeLeftovers } from './leftover-slices.ts';
import type { RoutingSight } from './routing-sight.ts';

export interface EndpointsParts {
  readonly access: ClusterAccess;
  readonly clock: Clock;
  readonly logger: Pick<Life['logger'], 'info' | 'warn'>;
  readonly routing: RoutingSight;
  readonly events: EventRecorder;
}

interface Tenure {
  readonly signal: AbortSignal;
  readonly ownership: Pick<Ownership, 'partitionCount'>;
}

/** A Service that is not there, or not public, as far as its slices are concerned. */
const bareService = (key: ObjectKey): ServiceObject => {
  const [namespace = '', name = ''] = key.split('/');
  return { metadata: { namespace, name } };
};

const settle = async (
  { access, routing, logger }: EndpointsParts,
  key: ObjectKey,
): Promise<void> => {
  // What is not seen yet would be taken for gone; all are looked at once everything is seen.
  if (!routing.isSynced()) return;
  const service = routing.service(key) ?? bareService(key);
  const slices = routing.slices(key);
  const workload = workloadOfService(service);
  if (workload === undefined && slices.length === 0) return;
  // It becomes an ordinary one again: ours are better than none until Kubernetes' own are there.
  if (slices.length > 0 && routing.isBetween(key)) return;
  const endpoints = () => ({
    pods: workload === undefined ? [] : routing.pods(workload),
    activators: routing.activators(),
  });
  const settled = await settleService({
    ...{ access, service, slices, endpoints },
    fieldManager: controllerFieldManager,
    isFresh: false,
    isLetGo: workload !== undefined && routing.isLetGo(workload),
  });
  if (settled === undefined) return;
  // Only now: where they are the only ones, they are better than none.
  if (settled.through !== 'nothing') await removeLeftovers(access, routing.leftovers(key));
  if (settled.writes === 0) return;
  logger.info({ service: key, workload, ...settled }, 'the endpoints of a Service were written');
};

/** Tells the one who wrote a Service why nothing is done with it, once for each reason. */
const createAdvice = ({ routing, events }: EndpointsParts) => {
  const told = new Map<ObjectKey, string>();
  return async (key: ObjectKey): Promise<void> => {
    const service = routing.service(key);
    const problem =
      service === undefined
        ? undefined
        : (problemOfService(service) ?? problemOfLeftovers(routing.leftovers(key)));
    if (service === undefined || problem === undefined) {
      told.delete(key);
      return;
    }
    if (told.get(key) === problem) return;
    told.set(key, problem);
    const { name = '', namespace = '', uid = '' } = service.metadata ?? {};
    const about: ClusterObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, uid },
    };
    await events.record(about, { type: 'Warning', reason: 'NotRouted', message: problem });
  };
};

/** Works for one partition until the signal aborts; rejects with a bug. */
const keepEndpoints = async (
  partition: number,
  { signal, ownership }: Tenure,
  parts: EndpointsParts,
): Promise<void> => {
  const { routing, clock, logger } = parts;
  const advise = createAdvice(parts);
  // A Service that names nobody any more is whoever's its own name falls to.
  const isOurs = (key: ObjectKey): boolean => {
    const service = routing.service(key);
    const workload: WorkloadKey = (service && workloadOfService(service)) ?? key;
    return partitionOf(workload, ownership.partitionCount) === partition;
  };
  const queue = createWorkQueue({
    ...{ clock, signal },
    work: async (key) => {
      await settle(parts, key as ObjectKey);
      await advise(key as ObjectKey);
    },
    onTrouble: (service, error, pauseMs) =>
      logger.warn({ err: error, service, pauseMs }, 'the endpoints of a Service are not written'),
  });
  const stop = routing.onStirred((key) => {
    if (isOurs(key)) queue.add(key);
  });
  try {
    for (const key of routing.keys()) if (isOurs(key)) queue.add(key);
    await queue.ended;
  } finally {
    stop();
  }
};

export const endpointsLoop: PartitionLoop = {
  name: 'endpoints',
  run: (partition, tenure, { access, life, routing, events }) => {
    const { clock, logger } = life;
    return keepEndpoints(partition, tenure, { access, clock, logger, routing, events });
  },
};
