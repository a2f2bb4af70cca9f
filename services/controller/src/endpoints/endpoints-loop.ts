/** Keeps the EndpointSlices of public Services right, whatever comes and goes. */
import { partitionOf, type WorkloadKey } from '@flyball/contracts';
import {
  type ClusterAccess,
  hazardOfService,
  type ObjectKey,
  obstacleOfService,
  problemOfService,
  type ServiceObject,
  serviceAnnotation,
  settleService,
  workloadOfService,
} from '@flyball/platform/kubernetes';
import type { Clock, Life, Tenure } from '@flyball/service';
import type { PartitionLoop } from '../loop.ts';
import type { ClusterObject } from '../objects/cluster-object.ts';
import type { EventRecorder, EventText } from '../objects/event-recorder.ts';
import { controllerFieldManager } from '../objects/object-writer.ts';
import { createWorkQueue } from '../work/work-queue.ts';
import { problemOfLeftovers, removeLeftovers } from './leftover-slices.ts';
import type { ManagedWorkloads } from './managed-workloads.ts';
import type { RoutingSight } from './routing-sight.ts';

export interface EndpointsParts {
  readonly access: ClusterAccess;
  readonly clock: Clock;
  readonly logger: Pick<Life['logger'], 'info' | 'warn'>;
  readonly routing: RoutingSight;
  readonly managed: Pick<ManagedWorkloads, 'has' | 'presence'>;
  readonly events: EventRecorder;
}

/** A Service that is not there, or not public, as far as its slices are concerned. */
const bareService = (key: ObjectKey): ServiceObject => {
  const [namespace = '', name = ''] = key.split('/');
  return { metadata: { namespace, name } };
};

/** No activator knows a Service whose Deployment nobody has seen: all requests would be refused. */
const isMissing = ({ managed }: EndpointsParts, service: ServiceObject): boolean => {
  const workload = workloadOfService(service);
  return workload !== undefined && managed.presence(workload) !== 'there';
};

/** It could be led, and never was: all endpoints that it has are of others. */
const hasOthersOnly = ({ routing }: EndpointsParts, service: ServiceObject): boolean => {
  const { namespace = '', name = '' } = service.metadata ?? {};
  const key: ObjectKey = `${namespace}/${name}`;
  if (obstacleOfService(service) !== undefined || routing.slices(key).length > 0) return false;
  return routing.leftovers(key).length > 0;
};

const settle = async (parts: EndpointsParts, key: ObjectKey): Promise<void> => {
  const { access, routing, managed, logger } = parts;
  // What is not seen yet would be taken for gone; all are looked at once everything is seen.
  if (!routing.isSynced()) return;
  const service = routing.service(key) ?? bareService(key);
  const slices = routing.slices(key);
  const workload = workloadOfService(service);
  if (workload === undefined && slices.length === 0) return;
  // Told again when it is known: till then one that was let go must not meet the activators.
  const isOurs = workload === undefined || managed.has(workload);
  if (isOurs === undefined) return;
  // It becomes an ordinary one again: ours are better than none until Kubernetes' own are there.
  if (slices.length > 0 && routing.awaitsKubernetes(key)) return;
  // What it has of before still serves, where it names a Deployment by mistake or too early.
  if (hasOthersOnly(parts, service) && isMissing(parts, service)) return;
  const endpoints = () => ({
    pods: workload === undefined ? [] : routing.pods(workload),
    activators: routing.activators(),
  });
  const settled = await settleService({
    ...{ access, service, slices, endpoints },
    fieldManager: controllerFieldManager,
    isFresh: false,
    isLetGo: !isOurs,
  });
  if (settled === undefined) return;
  // Only now: where they are the only ones, they are better than none.
  if (settled.leads) await removeLeftovers(access, service, routing.leftovers(key));
  if (settled.writes === 0) return;
  logger.info({ service: key, workload, ...settled }, 'the endpoints of a Service were written');
};

/** Why nothing is done with a Service, in words for the one who wrote it. */
const problemOf = (parts: EndpointsParts, service: ServiceObject): string | undefined => {
  const { routing, managed } = parts;
  const { namespace = '', name = '' } = service.metadata ?? {};
  const workload = workloadOfService(service);
  const isKept = workload !== undefined && hasOthersOnly(parts, service);
  if (isKept && managed.presence(workload) === 'missing') {
    return (
      `Service ${namespace}/${name} names Deployment ${workload}, which is not there: its ` +
      'endpoints stay as they were. Name a Deployment of its namespace by ' +
      `${serviceAnnotation.deployment}; nothing else is led, no StatefulSet either.`
    );
  }
  return problemOfService(service) ?? problemOfLeftovers(routing.leftovers(`${namespace}/${name}`));
};

const adviceOn = (parts: EndpointsParts, service: ServiceObject): EventText | undefined => {
  const problem = problemOf(parts, service);
  const message = problem ?? hazardOfService(service);
  if (message === undefined) return undefined;
  return { type: 'Warning', reason: problem === undefined ? 'LocalTraffic' : 'NotRouted', message };
};

/** Tells the one who wrote a Service what is wrong with it, once for each reason. */
const createAdvice = (parts: EndpointsParts) => {
  const { routing, events } = parts;
  const told = new Map<ObjectKey, string>();
  const forget = (key: ObjectKey): void => void told.delete(key);
  const advise = async (key: ObjectKey): Promise<void> => {
    const service = routing.service(key);
    const advice = service && adviceOn(parts, service);
    if (service === undefined || advice === undefined) {
      forget(key);
      return;
    }
    if (told.get(key) === advice.message) return;
    told.set(key, advice.message);
    const { name = '', namespace = '', uid = '' } = service.metadata ?? {};
    const about: ClusterObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, uid },
    };
    await events.record(about, advice);
  };
  return { advise, forget };
};

/** Works for one partition until the signal aborts; rejects with a bug. */
const keepEndpoints = async (
  partition: number,
  { signal, ownership }: Tenure,
  parts: EndpointsParts,
): Promise<void> => {
  const { routing, clock, logger } = parts;
  const { advise, forget } = createAdvice(parts);
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
    // Of one that is gone nobody can say any more whose it was; made again, it is another one.
    if (routing.service(key) === undefined) forget(key);
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
  run: (partition, tenure, { access, life, routing, managed, events }) => {
    const { clock, logger } = life;
    return keepEndpoints(partition, tenure, { access, clock, logger, routing, managed, events });
  },
};
