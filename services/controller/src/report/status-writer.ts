/** Writes the status annotations: after a change has settled, each Deployment now and then only. */
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import type { Clock, Life } from '@flyball/service';
import type { Deployment } from '../objects/cluster-object.ts';
import { controllerFieldManager } from '../objects/object-writer.ts';
import { createWorkQueue } from '../work/work-queue.ts';
import { type StatusAnnotations, statusDifference } from './status-annotations.ts';

/**
 * A write changes the Deployment's version, by which the next scale would be refused once.
 * Decisions come in rows: after this long without one the next is not about to come.
 */
const calmMs = 3_000;
/** Between two Deployments of a partition: what many did at once is not written at once. */
const turnEveryMs = 200;

export interface StatusWriterOptions {
  readonly access: Pick<ClusterAccess, 'request'>;
  readonly clock: Clock;
  readonly logger: Pick<Life['logger'], 'warn'>;
  readonly signal: AbortSignal;
  /** The same Deployment is not written more often. */
  readonly intervalMs: number;
  readonly deployment: (workload: WorkloadKey) => Deployment | undefined;
  /** What is to be there, asked when it is written. */
  readonly wanted: (workload: WorkloadKey) => StatusAnnotations;
}

export interface StatusWriter {
  /** Something changed of it, or may have. */
  stir(workload: WorkloadKey): void;
  readonly ended: Promise<void>;
}

interface Pace {
  cancel: () => void;
  /** Both monotonic; undefined while nothing waits, and before the first write. */
  stirredMs: number | undefined;
  writtenMs: number | undefined;
}

const differenceOf = (
  { deployment, wanted }: StatusWriterOptions,
  workload: WorkloadKey,
): { readonly uid: string; readonly annotations: StatusAnnotations } | undefined => {
  const object = deployment(workload);
  if (object === undefined) return undefined;
  const { uid = '', annotations = {}, deletionTimestamp } = object.metadata;
  const difference = statusDifference(wanted(workload), annotations);
  if (difference === undefined || deletionTimestamp !== undefined) return undefined;
  return { uid, annotations: difference };
};

const written = (atMs: number): Pick<Pace, 'stirredMs' | 'writtenMs'> => ({
  ...{ stirredMs: undefined, writtenMs: atMs },
});

/** Gives each its turn in the order in which they came, one in each pause. */
const createTurns = (clock: Pick<Clock, 'after'>, take: (workload: WorkloadKey) => void) => {
  const waiting = new Set<WorkloadKey>();
  let cancel: (() => void) | undefined;
  const next = (): void => {
    cancel = undefined;
    const [workload] = waiting;
    if (workload === undefined) return;
    waiting.delete(workload);
    cancel = clock.after(turnEveryMs, next);
    take(workload);
  };
  return {
    wait: (workload: WorkloadKey): void => {
      waiting.add(workload);
      if (cancel === undefined) next();
    },
    leave: (workload: WorkloadKey): void => void waiting.delete(workload),
    end: (): void => {
      waiting.clear();
      cancel?.();
    },
  };
};

export const createStatusWriter = (options: StatusWriterOptions): StatusWriter => {
  const { access, clock, logger, signal, intervalMs } = options;
  const paces = new Map<WorkloadKey, Pace>();
  const write = async (workload: WorkloadKey): Promise<void> => {
    const metadata = differenceOf(options, workload);
    if (metadata === undefined) return;
    const { namespace, name } = workloadName(workload);
    const query = new URLSearchParams({ fieldManager: controllerFieldManager });
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}?${query}`;
    // With its uid: one of the same name that came since is another workload.
    await access.request({ method: 'PATCH', path, body: { metadata } });
  };
  const queue = createWorkQueue({
    ...{ clock, signal },
    work: (key) => write(key as WorkloadKey),
    onTrouble: (workload, error, pauseMs) =>
      logger.warn({ err: error, workload, pauseMs }, 'the status annotations are not written'),
  });
  /** After a calm, but not put off for longer than the pause between two writes. */
  const dueInMs = ({ stirredMs, writtenMs }: Pace): number => {
    const nowMs = clock.monotonicMs();
    const calm = Math.min(nowMs + calmMs, (stirredMs ?? nowMs) + Math.max(calmMs, intervalMs));
    const paced = writtenMs === undefined ? calm : Math.max(calm, writtenMs + intervalMs);
    return Math.max(0, paced - nowMs);
  };
  const turns = createTurns(clock, (workload: WorkloadKey) => {
    const pace = paces.get(workload);
    if (pace !== undefined) Object.assign(pace, written(clock.monotonicMs()));
    if (options.deployment(workload) === undefined) paces.delete(workload);
    queue.add(workload);
  });
  const end = (): void => {
    for (const { cancel } of paces.values()) cancel();
    paces.clear();
    turns.end();
  };
  signal.addEventListener('abort', end, { once: true });
  return {
    ended: queue.ended,
    stir: (workload) => {
      if (signal.aborted) return;
      const known = paces.get(workload);
      const pace: Pace = known ?? {
        cancel: () => undefined,
        ...{ stirredMs: undefined, writtenMs: undefined },
      };
      paces.set(workload, pace);
      pace.stirredMs ??= clock.monotonicMs();
      pace.cancel();
      const dueMs = dueInMs(pace);
      if (dueMs > 0) turns.leave(workload);
      pace.cancel = clock.after(dueMs, () => turns.wait(workload));
    },
  };
};
