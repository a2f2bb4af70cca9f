/** The doctor on a cluster: is it there, is Flyball on it, and what would fight Flyball there. */
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import { counted } from '@flyball/reading';
import { advised, attempt, type Check, failed, passed } from '../check.ts';
import { checkAutoscalers } from './autoscaler-checks.ts';
import type { Installation } from './cluster-object.ts';
import { findInstallation } from './find-installation.ts';
import { managedDeployments } from './managed-deployments.ts';
import { checkMetrics } from './metrics-checks.ts';
import { readCluster } from './read-cluster.ts';
import { checkReplicasOwners } from './replicas-owner-checks.ts';
import { checkRights, mayI } from './rights-checks.ts';
import { checkServices } from './service-checks.ts';

type Asking = Pick<ClusterAccess, 'request'>;

const reach =
  'Look whether `kubectl get --raw /version` answers; name another kubeconfig with --kubeconfig.';

const checkServer = (cluster: Asking): Promise<Check> =>
  attempt('cluster', reach, async () => {
    const { gitVersion } = await cluster.request<{ gitVersion?: string }>({ path: '/version' });
    return passed('cluster', `Kubernetes ${gitVersion ?? 'of an unknown version'}`);
  });

const installing = { namespace: '', group: 'rbac.authorization.k8s.io', resource: 'clusterroles' };

/** Who installs gives out rights, which not everybody may. */
const checkInstalling = async (cluster: Asking): Promise<Check> => {
  const allowed = await mayI(cluster, { ...installing, verb: 'create' });
  const found = `not installed${allowed ? '' : ', and you may not (create clusterroles)'}`;
  const how = '`flyball install --print | kubectl apply --server-side -f -` installs it.';
  return advised('Flyball', found, allowed ? how : `Ask an administrator: ${how}`);
};

/** Installed is not yet running: each service needs a pod. */
const judgePods = ({ namespace, services, unavailable, optIn }: Installation): Check => {
  const which = optIn === 'all' ? 'all Deployments' : 'annotated Deployments';
  const found = `${counted(services.length, 'service')} in ${namespace}, for ${which}`;
  if (unavailable.length === 0) return passed('Flyball', found);
  const without = `${found}; without an available pod: ${unavailable.join(', ')}`;
  return failed('Flyball', without, `\`kubectl --namespace ${namespace} get pods\` says why.`);
};

/** Reads the log of the Flyball in a namespace. */
export type LookAtLog = (namespace: string) => Promise<Check>;

const checkInstallation = async (
  cluster: Asking,
  installation: Installation | undefined,
  namespaces: readonly string[],
  lookAtLog: LookAtLog | undefined,
): Promise<Check[]> => {
  if (installation === undefined) return [await checkInstalling(cluster)];
  return [
    judgePods(installation),
    ...(await checkRights(cluster, installation, namespaces)),
    ...(lookAtLog === undefined ? [] : [await lookAtLog(installation.namespace)]),
  ];
};

/** Every check of the cluster; an API server that does not answer is one that failed. */
export const checkCluster = async (
  cluster: Asking,
  lookAtLog?: LookAtLog,
): Promise<readonly Check[]> => {
  const server = await checkServer(cluster);
  if (!server.ok) return [server];
  const { sight, unseen } = await readCluster(cluster);
  const installation = findInstallation(sight.deployments);
  const managed = managedDeployments(sight, installation);
  const namespaces = sight.namespaces.map(({ metadata }) => metadata.name);
  return [
    server,
    ...unseen,
    ...(await checkInstallation(cluster, installation, namespaces, lookAtLog)),
    passed('workloads', `${counted(managed.length, 'Deployment')} for Flyball to scale`),
    ...checkAutoscalers(sight, managed),
    ...checkReplicasOwners(managed),
    ...checkServices(sight, managed),
    ...checkMetrics(sight, managed),
  ];
};
