/** Is Flyball installed on the cluster, where, and what was it told? Pure. */
import type { DeploymentObject, Installation } from './cluster-object.ts';

const partOf = 'app.kubernetes.io/part-of';
const kindLabel = 'flyball.dev/kind';

const isOurService = ({ metadata }: DeploymentObject): boolean =>
  metadata.labels?.[partOf] === 'flyball' && metadata.labels[kindLabel] === 'service';

const variable = ({ spec }: DeploymentObject, name: string): string | undefined =>
  spec?.template?.spec?.containers?.flatMap(({ env }) => env ?? []).find((one) => one.name === name)
    ?.value;

/** By the watcher, without which nothing is scaled. */
export const findInstallation = (
  deployments: readonly DeploymentObject[],
): Installation | undefined => {
  const ours = deployments.filter(isOurService);
  const watcher = ours.find(({ metadata }) => metadata.name === 'watcher');
  const namespace = watcher?.metadata.namespace;
  if (watcher === undefined || namespace === undefined) return undefined;
  const services = ours.filter(({ metadata }) => metadata.namespace === namespace);
  const unavailable = services.filter(({ status }) => (status?.availableReplicas ?? 0) === 0);
  return {
    namespace,
    services: services.map(({ metadata }) => metadata.name),
    unavailable: unavailable.map(({ metadata }) => metadata.name),
    optIn: variable(watcher, 'FLYBALL_OPT_IN') === 'all' ? 'all' : 'annotated',
  };
};
