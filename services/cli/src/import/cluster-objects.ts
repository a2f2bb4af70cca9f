/** What a cluster has that scales, and the Deployments and Services that it is about. */
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import { listResource } from '../cluster/list-resource.ts';
import {
  autoscalers,
  deployments,
  httpScaledObjects,
  knativeServices,
  scaledObjects,
  services,
} from '../cluster/resources.ts';
import { type ForeignObject, foreignObjectSchema } from './foreign-object.ts';

const kinds = [
  ...[deployments, services],
  ...[httpScaledObjects, scaledObjects, knativeServices, autoscalers],
];

interface Owned {
  readonly metadata: Pick<ForeignObject['metadata'], 'ownerReferences'>;
}

/** An HTTPScaledObject has a ScaledObject of its own: one of the two is enough. */
const isMadeByAddOn = ({ kind, metadata }: Owned & { readonly kind: string }): boolean =>
  kind === 'ScaledObject' &&
  (metadata.ownerReferences ?? []).some((owner) => owner.kind === 'HTTPScaledObject');

/** Rejects with OutsideError; an empty namespace is all of them. */
export const clusterObjects = async (
  cluster: Pick<ClusterAccess, 'request'>,
  namespace: string,
): Promise<ForeignObject[]> => {
  const lists = await Promise.all(kinds.map((kind) => listResource(cluster, kind, namespace)));
  return lists
    .flat()
    .map((object) => foreignObjectSchema.parse(object))
    .filter((object) => !isMadeByAddOn(object));
};
