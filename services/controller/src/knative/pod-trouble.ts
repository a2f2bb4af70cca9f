/** Why the pods of a revision do not come up, in the words of Kubernetes. */
import type { ClusterObject } from '../objects/cluster-object.ts';
import { servingLabel } from './serving-names.ts';

export interface Trouble {
  /** `ImagePullBackOff`, `CrashLoopBackOff`, `Unschedulable`, … */
  readonly reason: string;
  readonly message: string;
}

/** What is kept of a revision's pod. */
export interface RevisionPod {
  readonly name: string;
  readonly namespace: string;
  readonly service: string;
  readonly revision: string;
  /** Undefined: it runs, or is on its way. */
  readonly trouble: Trouble | undefined;
}

interface State {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: State;
  readonly lastState?: { readonly terminated?: { readonly exitCode: number } };
}

export interface Pod extends ClusterObject {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** What every pod passes through. */
const usual: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

const ofContainer = ({ name, state, lastState }: ContainerStatus): Trouble | undefined => {
  const { reason, message } = state?.waiting ?? {};
  if (reason === undefined || usual.has(reason)) return undefined;
  const ended = lastState?.terminated;
  const exit = ended === undefined ? '' : ` It ended with exit code ${ended.exitCode}.`;
  return { reason, message: `The container ${name} waits: ${message ?? reason}.${exit}` };
};

const troubleOf = ({ status }: Pod): Trouble | undefined => {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const [first] = all.flatMap((one) => ofContainer(one) ?? []);
  if (first !== undefined) return first;
  const unscheduled = status?.conditions?.find(
    ({ type, status: is, reason }) =>
      type === 'PodScheduled' && is === 'False' && reason === 'Unschedulable',
  );
  if (unscheduled === undefined) return undefined;
  const message = unscheduled.message ?? 'no node can take it';
  return { reason: 'Unschedulable', message: `A pod has no node: ${message}.` };
};

/** Undefined: it is no revision's pod, or on its way out. */
export const revisionPod = (pod: Pod): RevisionPod | undefined => {
  const { name, namespace = '', labels, deletionTimestamp } = pod.metadata;
  const service = labels?.[servingLabel.service];
  const revision = labels?.[servingLabel.revision];
  if (service === undefined || revision === undefined || deletionTimestamp !== undefined) {
    return undefined;
  }
  return { name, namespace, service, revision, trouble: troubleOf(pod) };
};
