/** Looks at each Deployment soon after it was taken: is its load counted at all? */
import type { WorkloadKey } from '@flyball/contracts';
import { resolvePolicy, settingsAnnotated } from '@flyball/knative';
import { asksForQueueProxy } from '@flyball/platform/kubernetes';
import type { Clock } from '@flyball/service';
import { hasQueueProxy } from '../knative/with-queue-proxy.ts';
import type { ControllerParts } from '../loop.ts';
import type { Deployment } from '../objects/cluster-object.ts';
import type { EventText } from '../objects/event-recorder.ts';
import { uncountedLoad } from './uncounted-load.ts';

/** Who applies a Deployment mostly applies its Services in the same breath. */
const lookAfterMs = 2_000;
/** While something of the cluster is not seen it is looked at again; then it is given up. */
const looksMax = 30;

const injectLabel = 'flyball.dev/inject';

export interface LoadWatchOptions {
  readonly sight: {
    readonly caches: Pick<
      ControllerParts['caches'],
      'deployments' | 'services' | 'namespaces' | 'config'
    >;
    readonly routing: Pick<ControllerParts['routing'], 'isSynced' | 'pods'>;
  };
  readonly clock: Pick<Clock, 'after'>;
  readonly signal: AbortSignal;
  readonly tell: (workload: WorkloadKey, text: EventText) => void;
}

export interface LoadWatch {
  taken(workload: WorkloadKey): void;
  forget(workload: WorkloadKey): void;
}

/** Its pods have one, or will have one when they are made. */
const isProxied = (
  workload: WorkloadKey,
  { metadata, spec }: Deployment,
  { caches, routing }: LoadWatchOptions['sight'],
): boolean => {
  const namespace = caches.namespaces?.get('', metadata.namespace ?? '');
  const namespaceAsks = namespace?.labels[injectLabel] === 'true';
  return (
    hasQueueProxy(spec.template) ||
    asksForQueueProxy(spec.template.metadata?.annotations ?? {}, namespaceAsks) ||
    routing.pods(workload).some(({ queuePort }) => queuePort !== undefined)
  );
};

const warningOf = (
  workload: WorkloadKey,
  sight: LoadWatchOptions['sight'],
): EventText | undefined => {
  const { caches } = sight;
  const deployment = caches.deployments.at(workload);
  if (deployment === undefined) return undefined;
  const annotations = settingsAnnotated(
    deployment.metadata.annotations,
    deployment.spec.template.metadata?.annotations,
  );
  return uncountedLoad({
    ...{ deployment, services: caches.services.values() },
    policy: resolvePolicy({ config: caches.config(), annotations }).policy,
    hasQueueProxy: isProxied(workload, deployment, sight),
  });
};

export const createLoadWatch = ({ sight, clock, signal, tell }: LoadWatchOptions): LoadWatch => {
  const cancels = new Map<WorkloadKey, () => void>();
  const { caches, routing } = sight;
  const isSeen = (): boolean =>
    routing.isSynced() && caches.deployments.isSynced() && (caches.namespaces?.isSynced() ?? true);
  const forget = (workload: WorkloadKey): void => {
    cancels.get(workload)?.();
    cancels.delete(workload);
  };
  const lookLater = (workload: WorkloadKey, looksLeft: number): void => {
    const look = (): void => {
      cancels.delete(workload);
      if (!isSeen()) {
        if (looksLeft > 1) lookLater(workload, looksLeft - 1);
        return;
      }
      const warning = warningOf(workload, sight);
      if (warning !== undefined) tell(workload, warning);
    };
    cancels.set(workload, clock.after(lookAfterMs, look));
  };
  signal.addEventListener('abort', () => [...cancels.keys()].forEach(forget), { once: true });
  return {
    forget,
    taken: (workload) => {
      forget(workload);
      if (!signal.aborted) lookLater(workload, looksMax);
    },
  };
};
