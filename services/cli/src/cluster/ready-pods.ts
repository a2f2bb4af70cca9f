/** The pods of a part of Flyball that answer now, and the port on which they do. */
import { OutsideError } from '@flyball/contracts';
import type { ClusterAccess } from '@flyball/platform/kubernetes';

/** A part of Flyball on a cluster, and the port of it that is meant. */
export interface PodPart {
  /** As people call it. */
  readonly name: string;
  /** By which its pods are found. */
  readonly label: string;
  readonly portName: string;
  /** Where a pod does not name its ports. */
  readonly usualPort: number;
  /** Answers also while it is not ready: where no pod is, one that runs will do. */
  readonly answersUnready?: boolean;
}

export interface ReadyPod {
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
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const isReady = ({ status }: Pod): boolean =>
  (status?.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True');

const answering = (pods: readonly Pod[], { answersUnready = false }: PodPart): readonly Pod[] => {
  const staying = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const ready = staying.filter(isReady);
  if (ready.length > 0 || !answersUnready) return ready;
  return staying.filter(({ status }) => status?.phase === 'Running');
};

const portOf = ({ spec }: Pod, { portName, usualPort }: PodPart): number =>
  (spec?.containers ?? []).flatMap(({ ports = [] }) => ports).find((one) => one.name === portName)
    ?.containerPort ?? usualPort;

/** Rejects with PLATFORM_UNREACHABLE where none answers, and as the API server says. */
export const readyPods = async (
  cluster: Pick<ClusterAccess, 'request'>,
  namespace: string,
  part: PodPart,
): Promise<readonly ReadyPod[]> => {
  const query = new URLSearchParams({ labelSelector: part.label });
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?${query}`;
  const { items = [] } = await cluster.request<{ items?: readonly Pod[] }>({ path });
  const ready = answering(items, part);
  if (ready.length > 0) {
    return ready.map((pod) => ({ name: pod.metadata.name, port: portOf(pod, part) }));
  }
  const look = `kubectl -n ${namespace} get pods --selector ${part.label}`;
  const message = `Of ${items.length} pods of ${part.name} in ${namespace} none is ready: ${look}.`;
  throw new OutsideError('PLATFORM_UNREACHABLE', message, { retriable: true });
};
