/** Before a Deployment shrinks: the pods that are busy are marked to be the last to go. */
import pLimit from 'p-limit';
import { Agent } from 'undici';
import { actuatorFieldManager } from '../platform.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { deletionCostAnnotation, type KeptPod } from './pod-object.ts';

/** Asking and marking together take no longer; what was not done by then is left. */
const preparedMaxMs = 400;
/** A pod that answers later counts as one that does not. */
const answerMaxMs = 150;
/** Pods that are asked, and marks that are written, at most; the busiest are marked first. */
const askedMax = 200;
const writtenMax = 32;
const atOnceMax = 16;
const answerCharsMax = 65_536;

const inFlightMetric = /^flyball_queue_proxy_in_flight_requests(?:\{[^}]*\})? (\d+(?:\.\d+)?)/m;

export interface DeletionCosts {
  /** Before so many pods are left of these. Never rejects: without marks others may go first. */
  prepare(pods: readonly KeptPod[], left: number): Promise<void>;
  close(): Promise<void>;
}

export interface PodLoad {
  readonly pod: KeptPod;
  readonly inFlight: number;
}

/** Pods whose mark is to change: busy ones up, and those down that were busy. Pure. */
export const costChanges = (loads: readonly PodLoad[], left: number): readonly PodLoad[] => {
  // Where all go, or all are as busy as each other, no order is better than another.
  const isUneven = loads.some(({ inFlight }) => inFlight !== loads[0]?.inFlight);
  if (left === 0 || !isUneven) return [];
  return loads
    .filter(({ pod, inFlight }) => (pod.deletionCost ?? '0') !== String(inFlight))
    .sort((one, other) => other.inFlight - one.inFlight)
    .slice(0, writtenMax);
};

const ask = async (agent: Agent, pod: KeptPod): Promise<PodLoad | undefined> => {
  const answer = await agent.request({
    origin: `http://${pod.metricsAddress}`,
    path: '/metrics',
    method: 'GET',
    signal: AbortSignal.timeout(answerMaxMs),
  });
  const text = (await answer.body.text()).slice(0, answerCharsMax);
  const inFlight = Number(inFlightMetric.exec(text)?.[1]);
  return Number.isFinite(inFlight) ? { pod, inFlight: Math.round(inFlight) } : undefined;
};

const mark = (access: ClusterAccess, { pod, inFlight }: PodLoad): Promise<unknown> =>
  access.request({
    method: 'PATCH',
    path:
      `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}` +
      `?fieldManager=${actuatorFieldManager}`,
    body: {
      metadata: { uid: pod.uid, annotations: { [deletionCostAnnotation]: String(inFlight) } },
    },
    timeoutMs: preparedMaxMs,
  });

/** A pod that does not answer, or is gone already, is left as it is. */
const orNothing = async <Value>(doing: Promise<Value>): Promise<Value | undefined> =>
  doing.catch(() => undefined);

const withinLimit = async (doing: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, preparedMaxMs);
  });
  await Promise.race([doing, limit]);
  clearTimeout(timer);
};

export const createDeletionCosts = (access: ClusterAccess): DeletionCosts => {
  const agent = new Agent({ connections: 1, pipelining: 1, connect: { timeout: answerMaxMs } });
  const limit = pLimit(atOnceMax);
  const prepare = async (pods: readonly KeptPod[], left: number): Promise<void> => {
    const startedMs = performance.now();
    const asked = pods
      .filter(({ metricsAddress, unreadyReason }) => {
        return metricsAddress !== null && unreadyReason !== 'draining';
      })
      .slice(0, askedMax);
    if (left === 0 || asked.length < 2) return;
    const asking = asked.map((pod) => limit(() => orNothing(ask(agent, pod))));
    const loads = (await Promise.all(asking)).filter((load) => load !== undefined);
    const writing = costChanges(loads, left).map((load) =>
      limit(async () => {
        if (performance.now() - startedMs < preparedMaxMs) await orNothing(mark(access, load));
      }),
    );
    await Promise.all(writing);
  };
  return {
    prepare: (pods, left) => withinLimit(prepare(pods, left)),
    close: () => agent.destroy(),
  };
};
