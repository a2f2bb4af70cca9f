/** Writes what a watcher would have seen of workloads and pods, with the watcher's own rights. */
import {
  chainStart,
  type EventDataByName,
  type EventName,
  encodeEvent,
  eventFrom,
  type Pen,
  type Policy,
  partitionOf,
  subjectOf,
  type WorkloadKey,
} from '@flyball/contracts';
import type { EventLog } from '@flyball/event-log';
import { defaultAutoscalerConfig, resolvePolicy } from '@flyball/knative';
import { partitionCount } from './bus.ts';

export interface PlatformFacts {
  /** A workload at zero with the default policy, changed as given. */
  appear(workload: WorkloadKey, policy?: Partial<Policy>): Promise<void>;
  setPolicy(workload: WorkloadKey, policy: Partial<Policy>): Promise<void>;
  /** A pod at 127.0.0.1; ready unless said otherwise. */
  addPod(workload: WorkloadKey, pod: string, port: number, more?: PodMore): Promise<void>;
  removePod(workload: WorkloadKey, pod: string): Promise<void>;
  disappear(workload: WorkloadKey): Promise<void>;
}

interface PodMore {
  readonly metricsPort?: number;
  readonly ready?: boolean;
}

/** The chain and the fence of one subject. */
interface Place {
  seq: number;
  chain: string;
}

const createTell = (log: EventLog) => {
  const places = new Map<string, Place>();
  let count = 0;
  return async <Name extends EventName>(
    pen: Pen,
    workload: WorkloadKey,
    type: Name,
    data: EventDataByName[Name],
  ): Promise<void> => {
    count += 1;
    const event = eventFrom({
      type,
      pen,
      workload,
      partition: partitionOf(workload, partitionCount),
      source: '/flyball/watcher',
      cause: { id: `facts:${count}`, atMs: Date.now() },
      data,
    });
    const subject = subjectOf(event);
    const place = places.get(subject) ?? { seq: 0, chain: chainStart };
    const { body, chain } = encodeEvent(event, place.chain);
    const result = await log.events.append({
      subject,
      id: event.id,
      body,
      expectedLastSeq: place.seq,
    });
    if (result.kind !== 'stored') throw new Error(`${type} was not stored: ${result.kind}`);
    places.set(subject, { seq: result.seq, chain });
  };
};

/** `log` is connected as the watcher. */
export const createPlatformFacts = (log: EventLog): PlatformFacts => {
  const tell = createTell(log);
  const setPolicy = (workload: WorkloadKey, given: Partial<Policy>): Promise<void> => {
    const { policy, layers } = resolvePolicy({ config: defaultAutoscalerConfig, annotations: {} });
    const data = { policy: { ...policy, ...given }, layers, warnings: [] };
    return tell('policy', workload, 'PolicySet', data);
  };
  return {
    setPolicy,
    appear: async (workload, policy = {}) => {
      const data = { uid: 'u', replicas: 0, createdAtMs: 1, adopted: false, resourceVersion: '1' };
      await tell('platform', workload, 'WorkloadAppeared', data);
      await setPolicy(workload, policy);
    },
    addPod: async (workload, pod, port, { metricsPort, ready = true } = {}) => {
      await tell('platform', workload, 'PodAppeared', {
        pod,
        address: `127.0.0.1:${port}`,
        metricsAddress: metricsPort === undefined ? null : `127.0.0.1:${metricsPort}`,
        createdAtMs: Date.now(),
      });
      if (ready) await tell('platform', workload, 'PodReady', { pod });
    },
    removePod: (workload, pod) => tell('platform', workload, 'PodGone', { pod }),
    disappear: (workload) =>
      tell('platform', workload, 'WorkloadGone', { uid: 'u', reason: 'deleted' }),
  };
};
