/** Which Deployments Flyball scales, as its own services decide it. Pure. */
import { type Annotations, hpaClass } from '@flyball/knative';
import { isManaged, keptDeployment, namespaceEnabled } from '@flyball/platform/kubernetes';
import {
  type ClusterSight,
  type DeploymentObject,
  type Installation,
  keyOf,
} from './cluster-object.ts';

export interface Managed {
  readonly key: string;
  readonly deployment: DeploymentObject;
  /** Settings of the pod template over its own. */
  readonly annotations: Annotations;
  readonly isHpa: boolean;
}

const usualNamespace = 'flyball-system';
const classKey = 'autoscaling.knative.dev/class';

type Given = Parameters<typeof keptDeployment>[0];

/** In the order of their names. */
export const managedDeployments = (
  { deployments, namespaces }: Pick<ClusterSight, 'deployments' | 'namespaces'>,
  installation: Installation | undefined,
): Managed[] => {
  const enabled = new Map(
    namespaces.map(({ metadata }) => [metadata.name, namespaceEnabled(metadata)]),
  );
  const { optIn = 'annotated', namespace: ownNamespace = usualNamespace } = installation ?? {};
  const managed = deployments.flatMap((deployment): Managed[] => {
    const kept = keptDeployment(deployment as Given);
    if (kept === undefined) return [];
    const { namespace, annotations } = kept;
    const inNamespace = enabled.get(namespace);
    const question = { deployment: kept.enabled, namespace, inNamespace, optIn, ownNamespace };
    if (!isManaged(question)) return [];
    const isHpa = annotations[classKey] === hpaClass;
    return [{ key: keyOf(deployment), deployment, annotations, isHpa }];
  });
  return managed.sort((one, other) => (one.key < other.key ? -1 : 1));
};
