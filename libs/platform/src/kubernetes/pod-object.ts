/** What is kept of a pod, and how it is told: address, readiness, and why it is not ready. Pure. */
import type { WorkloadKey } from '@flyball/contracts';
import type { V1Container, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { PodSeen } from '../platform.ts';
import { podProtocolOf } from '../pod-protocol.ts';
import { queueProxyNames } from './queue-proxy-names.ts';
import { type EndpointPod, endpointPodOf } from './routing/index.ts';

/** Without a queue-proxy: where the app listens, when its first declared port is not that. */
const portAnnotation = 'flyball.dev/port';
/** As in Knative, where nothing says which. */
const defaultPort = 8080;

export const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

/** A container waits for these as a matter of course. */
const ordinaryWaits: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);
const messageCharsMax = 300;

export interface KeptPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The ReplicaSet that controls it. */
  readonly replicaSet: { readonly name: string; readonly uid: string };
  readonly createdAtMs: number;
  readonly address: string | null;
  readonly metricsAddress: string | null;
  /** How it is spoken to; undefined is HTTP/1.1. */
  readonly protocol?: 'h2c' | undefined;
  readonly ready: boolean;
  readonly unreadyReason: PodSeen['unreadyReason'];
  readonly message: string;
  readonly deletionCost: string | undefined;
  /** Where requests are routed to it; kept on demand. */
  readonly endpoint: EndpointPod | undefined;
  /** Restarts of all its containers when it was last ready; undefined: it never was. */
  readonly restartsWhenReady: number | undefined;
}

const hostOf = (ip: string): string => (ip.includes(':') ? `[${ip}]` : ip);

const namedPort = (container: V1Container | undefined, name: string): number | undefined =>
  container?.ports?.find((port) => port.name === name)?.containerPort;

const annotatedPort = (pod: V1Pod): number | undefined => {
  const annotated = Number(pod.metadata?.annotations?.[portAnnotation]);
  const isPort = Number.isInteger(annotated) && annotated > 0 && annotated < 65_536;
  return isPort ? annotated : undefined;
};

/** By the name of the app's own port: the queue-proxy speaks to its caller as the app would. */
const protocolOf = (pod: V1Pod): 'h2c' | undefined => {
  const apps = pod.spec?.containers.filter(({ name }) => name !== queueProxyNames.container) ?? [];
  const declared = apps.flatMap(({ ports }) => ports ?? []);
  const wanted = annotatedPort(pod);
  const serving = declared.find(({ containerPort, protocol }) =>
    wanted === undefined ? (protocol ?? 'TCP') === 'TCP' : containerPort === wanted,
  );
  const annotations = pod.metadata?.annotations ?? {};
  return podProtocolOf({ annotations, portName: serving?.name });
};

const portOf = (pod: V1Pod, sidecar: V1Container | undefined): number => {
  const annotated = annotatedPort(pod);
  const declared = pod.spec?.containers.flatMap(({ ports }) => ports ?? []);
  const first = declared?.find(({ protocol }) => protocol === undefined || protocol === 'TCP');
  return (
    namedPort(sidecar, queueProxyNames.requestsPort) ??
    annotated ??
    first?.containerPort ??
    defaultPort
  );
};

const addressesOf = (pod: V1Pod): Pick<KeptPod, 'address' | 'metricsAddress'> => {
  const ip = pod.status?.podIP;
  if (ip === undefined || ip === '') return { address: null, metricsAddress: null };
  // A native sidecar is an init container that stays.
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const sidecar = containers.find(({ name }) => name === queueProxyNames.container);
  const metrics = namedPort(sidecar, queueProxyNames.metricsPort);
  return {
    address: `${hostOf(ip)}:${portOf(pod, sidecar)}`,
    metricsAddress: metrics === undefined ? null : `${hostOf(ip)}:${metrics}`,
  };
};

type State = V1ContainerStatus['state'];

const endOf = (name: string, state: State): string | undefined => {
  const { terminated, waiting } = state ?? {};
  if (terminated !== undefined) {
    const { exitCode, signal, reason = '', message = '' } = terminated;
    const how = signal === undefined ? `exit code ${exitCode}` : `signal ${signal}`;
    return [`container ${name} ended with ${how}`, reason, message].filter(Boolean).join(': ');
  }
  const { reason = '', message = '' } = waiting ?? {};
  if (reason === '' || ordinaryWaits.has(reason)) return undefined;
  return [`container ${name} does not run`, reason, message].filter(Boolean).join(': ');
};

const statusesOf = ({ status }: V1Pod): readonly V1ContainerStatus[] =>
  status?.containerStatuses ?? [];

/** A container that ended, cannot start, or came back from a crash and is not ready since. */
const crashOf = (pod: V1Pod, before: KeptPod | undefined): string | undefined => {
  const statuses = statusesOf(pod);
  const now = statuses.map(({ name, state }) => endOf(name, state)).find(Boolean);
  if (now !== undefined) {
    // Why it went before says more than that it waits for its next try.
    const last = statuses.map(({ name, lastState }) => endOf(name, lastState)).find(Boolean);
    const waits = statuses.some(({ state }) => state?.waiting?.reason === 'CrashLoopBackOff');
    return waits && last !== undefined ? `${last}; ${now}` : now;
  }
  if (restartsOf(pod) <= (before?.restartsWhenReady ?? 0)) return undefined;
  return statuses
    .filter(({ ready }) => !ready)
    .map(({ name, lastState }) => endOf(name, lastState))
    .find(Boolean);
};

const restartsOf = (pod: V1Pod): number =>
  statusesOf(pod).reduce((sum, { restartCount }) => sum + restartCount, 0);

type Phase = Pick<KeptPod, 'ready' | 'unreadyReason' | 'message'>;

const unready = (unreadyReason: PodSeen['unreadyReason'], message: string): Phase => ({
  ready: false,
  unreadyReason,
  message: message.slice(0, messageCharsMax),
});

const phaseOf = (pod: V1Pod, before: KeptPod | undefined): Phase => {
  if (pod.metadata?.deletionTimestamp !== undefined) {
    return unready('draining', 'the pod is being deleted');
  }
  const condition = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  if (condition?.status === 'True') return { ready: true, unreadyReason: null, message: '' };
  const said = condition?.message ?? condition?.reason ?? '';
  if (condition?.status === 'Unknown') return unready('unknown', said);
  const crash = crashOf(pod, before);
  if (crash !== undefined) return unready('crashed', crash);
  // One that never was ready is only starting.
  return before?.restartsWhenReady === undefined
    ? unready(null, '')
    : unready('probe-failed', said || 'the readiness probe fails');
};

/** Undefined for a pod that no ReplicaSet controls. */
export const keptPod = (
  pod: V1Pod,
  before?: KeptPod,
  keepsEndpoint = false,
): KeptPod | undefined => {
  const { metadata } = pod;
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (metadata?.name === undefined || owner?.kind !== 'ReplicaSet') return undefined;
  const phase = phaseOf(pod, before);
  return {
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    uid: metadata.uid ?? '',
    replicaSet: { name: owner.name, uid: owner.uid },
    createdAtMs: Date.parse(String(metadata.creationTimestamp)) || 0,
    ...addressesOf(pod),
    protocol: protocolOf(pod),
    ...phase,
    deletionCost: metadata.annotations?.[deletionCostAnnotation],
    endpoint: keepsEndpoint ? endpointPodOf(pod) : undefined,
    restartsWhenReady: phase.ready ? restartsOf(pod) : before?.restartsWhenReady,
  };
};

export const podSeenOf = (workload: WorkloadKey, pod: KeptPod): PodSeen => ({
  workload,
  pod: pod.name,
  address: pod.address,
  metricsAddress: pod.metricsAddress,
  ...(pod.protocol === undefined ? {} : { protocol: pod.protocol }),
  ready: pod.ready,
  unreadyReason: pod.unreadyReason,
  message: pod.message,
  createdAtMs: pod.createdAtMs,
});
