/** The pods of Flyball's NATS that answer now, and the port on which they do. */
import { OutsideError } from '@flyball/contracts';
import type { ClusterAccess } from '@flyball/platform/kubernetes';

const natsLabel = 'app.kubernetes.io/name=nats';
const portName = 'nats';
const usualPort = 4222;

export interface NatsPod {
  readonly name: string;
  readonly port: number;
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec?: {
    readonly containers?: readonly {
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
    }[];
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const isReady = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status?.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True');

const portOf = ({ spec }: Pod): number =>
  (spec?.containers ?? []).flatMap(({ ports = [] }) => ports).find((one) => one.name === portName)
    ?.containerPort ?? usualPort;

/** Rejects with PLATFORM_UNREACHABLE where none is ready, and as the API server says. */
export const readyNatsPods = async (
  cluster: Pick<ClusterAccess, 'request'>,
  namespace: string,
): Promise<readonly NatsPod[]> => {
  const query = new URLSearchParams({ labelSelector: natsLabel });
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?${query}`;
  const { items = [] } = await cluster.request<{ items?: readonly Pod[] }>({ path });
  const ready = items.filter(isReady);
  if (ready.length > 0) {
    return ready.map((pod) => ({ name: pod.metadata.name, port: portOf(pod) }));
  }
  const look = `kubectl -n ${namespace} get pods --selector ${natsLabel}`;
  const message = `Of ${items.length} pods of NATS in ${namespace} none is ready: ${look}.`;
  throw new OutsideError('PLATFORM_UNREACHABLE', message, { retriable: true });
};
