/** A pod's status as a node reports it: the newest one, one report after another. */
import { type ApiClient, isStale } from '../api/api-client.ts';
import type { Container, ContainerState } from './container.ts';
import { type PodObject, podPath } from './pod-object.ts';

const timeOf = (atMs: number): string => new Date(atMs).toISOString();

const stateOf = ({ startedAtMs, lastExit, refused, done }: ContainerState) => {
  if (startedAtMs !== undefined) return { running: { startedAt: timeOf(startedAtMs) } };
  if (refused !== undefined) {
    return { waiting: { reason: 'CreateContainerConfigError', message: refused } };
  }
  if (lastExit === undefined) return { waiting: { reason: 'ContainerCreating' } };
  const { code, atMs } = lastExit;
  if (done) return { terminated: terminatedOf(code, atMs) };
  return { waiting: { reason: 'CrashLoopBackOff', message: `exit code ${code}` } };
};

const terminatedOf = (exitCode: number, atMs: number) => ({
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
  finishedAt: timeOf(atMs),
});

const containerStatus = ({ spec, state }: Container) => {
  const now = state();
  const { lastExit } = now;
  return {
    name: spec.name,
    image: spec.image,
    imageID: `process://${spec.image}`,
    ...(now.pid !== undefined && { containerID: `process://${now.pid}` }),
    ready: now.ready,
    started: now.startedAtMs !== undefined,
    restartCount: now.restarts,
    state: stateOf(now),
    ...(lastExit !== undefined &&
      !now.done && { lastState: { terminated: terminatedOf(lastExit.code, lastExit.atMs) } }),
  };
};

const phaseOf = (states: readonly ContainerState[]): string => {
  if (states.every(({ done }) => done)) {
    return states.every(({ lastExit }) => lastExit?.code === 0) ? 'Succeeded' : 'Failed';
  }
  const begun = states.every(({ startedAtMs, lastExit }) => startedAtMs ?? lastExit);
  return begun ? 'Running' : 'Pending';
};

export interface StatusSource {
  readonly pod: PodObject;
  readonly containers: readonly Container[];
  readonly podAddress: string;
  readonly nodeAddress: string;
  readonly startedAtMs: number;
}

/** When each condition last changed, by its type. */
export type Transitions = Map<string, { readonly status: string; readonly atMs: number }>;

const statusOf = (source: StatusSource, transitions: Transitions) => {
  const states = source.containers.map(({ state }) => state());
  const ready = states.every((state) => state.ready);
  const condition = (type: string, holds: boolean) => {
    const status = holds ? 'True' : 'False';
    const before = transitions.get(type);
    const atMs = before?.status === status ? before.atMs : Date.now();
    transitions.set(type, { status, atMs });
    return { type, status, lastTransitionTime: timeOf(atMs) };
  };
  return {
    phase: phaseOf(states),
    conditions: [
      condition('PodReadyToStartContainers', true),
      condition('Initialized', true),
      condition('ContainersReady', ready),
      condition('Ready', ready),
    ],
    hostIP: source.nodeAddress,
    hostIPs: [{ ip: source.nodeAddress }],
    podIP: source.podAddress,
    podIPs: [{ ip: source.podAddress }],
    startTime: timeOf(source.startedAtMs),
    containerStatuses: source.containers.map(containerStatus),
  };
};

export interface StatusReporter {
  /** The status has changed; what it is when its turn comes is reported. */
  changed(): void;
  /** Resolves when nothing is under way; nothing is reported afterwards. */
  close(): Promise<void>;
}

/** Never two reports of a pod at once: an older one must not overtake a newer one. */
export const reportStatus = (
  api: ApiClient,
  source: StatusSource,
  onTrouble: (error: unknown) => void,
): StatusReporter => {
  const transitions: Transitions = new Map();
  const path = `${podPath(source.pod)}/status`;
  const { uid } = source.pod.metadata;
  let [dirty, closed] = [false, false];
  let sending: Promise<void> | undefined;
  const send = async (): Promise<void> => {
    while (dirty && !closed) {
      dirty = false;
      const body = { metadata: { uid }, status: statusOf(source, transitions) };
      await api.patch(path, body, 'strategic').catch((error: unknown) => {
        if (!isStale(error)) onTrouble(error);
      });
    }
    sending = undefined;
  };
  return {
    changed: () => {
      dirty = true;
      sending ??= send();
    },
    close: async () => {
      closed = true;
      await sending;
    },
  };
};
