/** A pod as an endpoint: what of it matters to a Service, a fraction of the whole object. */
import { type WorkloadKey, workloadKey } from '@flyball/contracts';
import type { V1Container, V1Pod } from '@kubernetes/client-node';
import { queueProxyNames } from '../queue-proxy-names.ts';

const queuePortUsual = 8_012;
const hashLabel = 'pod-template-hash';

export interface NamedPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

export interface EndpointPod {
  readonly workload: WorkloadKey;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** One of each family at most; none until it has been given one. */
  readonly ips: readonly string[];
  /** Its readiness, and false from the moment on when it is to end. */
  readonly ready: boolean;
  readonly nodeName: string | undefined;
  readonly ports: readonly NamedPort[];
  /** Where its queue-proxy takes requests; undefined without one. */
  readonly queuePort: number | undefined;
}

/** The Deployment's workload, by the ReplicaSet between them; undefined for any other pod. */
export const workloadOfPod = ({ metadata }: V1Pod): WorkloadKey | undefined => {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  const hash = metadata?.labels?.[hashLabel];
  if (owner?.kind !== 'ReplicaSet' || hash === undefined) return undefined;
  const end = `-${hash}`;
  const { namespace } = metadata ?? {};
  if (namespace === undefined || !owner.name.endsWith(end)) return undefined;
  return workloadKey(namespace, owner.name.slice(0, -end.length));
};

/** Sidecars are init containers that go on; both kinds may serve. */
const containersOf = ({ spec }: V1Pod): readonly V1Container[] => [
  ...(spec?.containers ?? []),
  ...(spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'),
];

const portsOf = (containers: readonly V1Container[]): readonly NamedPort[] =>
  containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ name, containerPort: port, protocol = 'TCP' }) =>
      name === undefined ? [] : [{ name, port, protocol }],
    ),
  );

const queuePortOf = (containers: readonly V1Container[]): number | undefined => {
  const proxy = containers.find(({ name }) => name === queueProxyNames.container);
  if (proxy === undefined) return undefined;
  const named = proxy.ports?.find(({ name }) => name === queueProxyNames.requestsPort);
  return named?.containerPort ?? queuePortUsual;
};

const ipsOf = ({ status }: V1Pod): readonly string[] => {
  const all = (status?.podIPs ?? []).flatMap(({ ip }) =>
    ip === undefined || ip === '' ? [] : [ip],
  );
  if (all.length > 0) return all;
  return status?.podIP === undefined || status.podIP === '' ? [] : [status.podIP];
};

const isReady = ({ metadata, status }: V1Pod): boolean =>
  metadata?.deletionTimestamp == null &&
  status?.phase === 'Running' &&
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

/** Undefined for a pod that belongs to no Deployment. */
export const endpointPodOf = (pod: V1Pod): EndpointPod | undefined => {
  const workload = workloadOfPod(pod);
  if (workload === undefined) return undefined;
  const containers = containersOf(pod);
  return {
    workload,
    namespace: pod.metadata?.namespace ?? '',
    name: pod.metadata?.name ?? '',
    uid: pod.metadata?.uid ?? '',
    ips: ipsOf(pod),
    ready: isReady(pod),
    nodeName: pod.spec?.nodeName,
    ports: portsOf(containers),
    queuePort: queuePortOf(containers),
  };
};
