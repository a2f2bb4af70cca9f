/** Writes the replicas of a Deployment, in one call where nobody else writes them. */
import { OutsideError, type OutsideErrorCode, type WorkloadKey } from '@flyball/contracts';
import type { V1Scale } from '@kubernetes/client-node';
import { actuatorFieldManager, type ScaleAnswer, type ScaleRequest } from '../platform.ts';
import { replicasMax } from '../workload-object.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { ClusterError, outsideErrorOf } from './cluster-error.ts';
import { isAsNew, type KeptDeployment } from './deployment-object.ts';
import type { NewestDeployments } from './newest-deployments.ts';

/**
 * After a conflict the write is tried again only for this long, and only while the replicas are as
 * they were. An owner stops by itself that long before another one may decide: a writer that was
 * stopped and woken does not go on.
 */
const tryAgainMaxMs = 500;
/** How long the watch may take to show what a conflict was about, before it is read. */
const shownMaxMs = 50;

export interface ScaleParts {
  readonly access: ClusterAccess;
  readonly deployments: NewestDeployments;
  readonly isOurs: (deployment: KeptDeployment) => boolean;
  /** Tells which pods go first; never rejects. */
  readonly prepareFewer: (deployment: KeptDeployment, left: number) => Promise<void>;
}

const failed = (code: OutsideErrorCode, message: string): OutsideError =>
  new OutsideError(code, message, { retriable: false });

const gone = (workload: WorkloadKey): OutsideError =>
  failed('PLATFORM_GONE', `there is no workload ${workload} that is ours to scale`);

const conflict = ({ workload, resourceVersion }: ScaleRequest): OutsideError =>
  failed(
    'PLATFORM_CONFLICT',
    `the replicas of ${workload} may have been written since resourceVersion ${resourceVersion}`,
  );

const assertReplicas = ({ workload, replicas }: ScaleRequest): void => {
  if (Number.isInteger(replicas) && replicas >= 0 && replicas <= replicasMax) return;
  const allowed = `a whole number from 0 to ${replicasMax}`;
  const message = `replicas of ${workload} cannot be ${replicas}; allowed: ${allowed}`;
  throw failed('PLATFORM_REFUSED', message);
};

/** What is known, unless the request rests on something newer. */
const current = async (
  { deployments, isOurs }: ScaleParts,
  { workload, resourceVersion }: ScaleRequest,
): Promise<KeptDeployment> => {
  const seen = deployments.newest(workload);
  const isNewEnough = seen !== undefined && isAsNew(seen.resourceVersion, resourceVersion);
  const deployment = isNewEnough ? seen : await deployments.read(workload);
  if (deployment === undefined || !isOurs(deployment)) throw gone(workload);
  return deployment;
};

/**
 * Applied, not merged: of a merged `replicas: 0` the API server keeps no owner (a Scale without
 * replicas has no such field), and of none that follow it either.
 */
const apply = async (
  { access }: ScaleParts,
  { namespace, name, uid, resourceVersion }: KeptDeployment,
  { replicas, traceparent }: ScaleRequest,
): Promise<string> => {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/scale`;
  const query = new URLSearchParams({ fieldManager: actuatorFieldManager, force: 'true' });
  const answer = await access.request<V1Scale>({
    method: 'PATCH',
    path: `${path}?${query}`,
    contentType: 'application/apply-patch+yaml',
    traceparent,
    body: {
      ...{ apiVersion: 'autoscaling/v1', kind: 'Scale' },
      metadata: { name, namespace, uid, resourceVersion },
      spec: { replicas },
    },
  });
  return answer.metadata?.resourceVersion ?? '';
};

const isConflict = (error: unknown): boolean =>
  error instanceof ClusterError && error.code === 'PLATFORM_CONFLICT';

/** The object after another writer was met, who may have written its status only. */
const afterConflict = async (
  { deployments }: ScaleParts,
  { workload, resourceVersion }: KeptDeployment,
): Promise<KeptDeployment | undefined> => {
  await deployments.whenNewer(workload, resourceVersion, shownMaxMs);
  const seen = deployments.newest(workload);
  return seen !== undefined && seen.resourceVersion !== resourceVersion
    ? seen
    : deployments.read(workload);
};

const writtenNow = (
  { deployments }: ScaleParts,
  deployment: KeptDeployment,
  replicas: number,
  resourceVersion: string,
): ScaleAnswer => {
  deployments.note({
    ...deployment,
    resourceVersion,
    replicas,
    replicasSince: resourceVersion,
    // Every write to the spec is one generation.
    generation: deployment.generation + 1,
    replicasWrite: { manager: actuatorFieldManager, writtenAt: undefined },
  });
  return { from: deployment.replicas, resourceVersion };
};

/**
 * Every write to a Deployment gives it a new resourceVersion, its status included. What the
 * request is held against is the last write to its replicas; what is sent is the newest version
 * that has the same. Rejects as `Platform.scale` says.
 */
export const scaleDeployment = async (
  parts: ScaleParts,
  request: ScaleRequest,
): Promise<ScaleAnswer> => {
  assertReplicas(request);
  const { replicas, workload } = request;
  const startedMs = performance.now();
  let deployment = await current(parts, request);
  if (replicas < deployment.replicas) await parts.prepareFewer(deployment, replicas);
  for (;;) {
    if (!isAsNew(request.resourceVersion, deployment.replicasSince)) throw conflict(request);
    if (deployment.replicas === replicas) {
      return { from: replicas, resourceVersion: deployment.replicasSince };
    }
    try {
      const version = await apply(parts, deployment, request);
      return writtenNow(parts, deployment, replicas, version);
    } catch (error) {
      if (!isConflict(error)) throw outsideErrorOf(error, `scaling ${workload}`);
      const isLate = performance.now() - startedMs > tryAgainMaxMs;
      const after = isLate ? deployment : await afterConflict(parts, deployment);
      if (after === undefined || !parts.isOurs(after)) throw gone(workload);
      if (isLate || after.uid !== deployment.uid) throw conflict(request);
      deployment = after;
    }
  }
};
