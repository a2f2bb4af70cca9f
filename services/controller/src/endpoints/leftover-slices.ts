/**
 * Slices of public Services that others made and nobody keeps. When a Service loses its selector,
 * Kubernetes leaves its endpoints as they were, and even copies the Endpoints object once more: all
 * would go on getting requests after their pods are gone.
 */
import { orNothing } from '@flyball/platform';
import {
  type ClusterAccess,
  createObjectCache,
  type EndpointSlice,
  type ObjectCache,
  type ObjectKey,
  obstacleOfService,
  readService,
  type ServiceObject,
  sliceLabel,
  workloadOfService,
  writeSlice,
} from '@flyball/platform/kubernetes';
import { controllerFieldManager } from '../objects/object-writer.ts';

const endpointSliceController = 'endpointslice-controller.k8s.io';
const mirroringController = 'endpointslicemirroring-controller.k8s.io';
const managers = [endpointSliceController, mirroringController];

/** By either of these an Endpoints object, and the copy of it, was made by Kubernetes itself. */
const madeByLabel = 'endpoints.kubernetes.io/managed-by';
const madeAtAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

export interface LeftoverSlice {
  readonly service: ObjectKey;
  readonly name: string;
  readonly uid: string;
  /** What makes it go: deleting itself, or the Endpoints that it is a copy of. */
  readonly source: 'slice' | 'endpoints' | 'endpoints of the user';
}

const leftoverOf = ({ metadata = {} }: EndpointSlice): LeftoverSlice | undefined => {
  const { namespace = '', name = '', uid = '', labels = {}, annotations = {} } = metadata;
  const service: ObjectKey = `${namespace}/${labels[sliceLabel.service] ?? ''}`;
  const manager = labels[sliceLabel.managedBy];
  if (manager === endpointSliceController) return { service, name, uid, source: 'slice' };
  if (manager !== mirroringController) return undefined;
  const isMade = labels[madeByLabel] !== undefined || annotations[madeAtAnnotation] !== undefined;
  return { service, name, uid, source: isMade ? 'endpoints' : 'endpoints of the user' };
};

/** Of all Services, as the slices of one are made before anybody knows that it becomes public. */
export const openLeftoverSlices = (access: ClusterAccess): ObjectCache<LeftoverSlice> =>
  createObjectCache<EndpointSlice, LeftoverSlice>({
    access,
    what: {
      path: '/apis/discovery.k8s.io/v1/endpointslices',
      labelSelector: `${sliceLabel.managedBy} in (${managers.join()})`,
      metadataOnly: true,
    },
    trim: (slice, before) => {
      const now = leftoverOf(slice);
      const isSame = before?.source === now?.source && before?.service === now?.service;
      return isSame ? before : now;
    },
  });

const deleteEndpoints = async (access: ClusterAccess, service: ObjectKey): Promise<void> => {
  const [namespace, name] = service.split('/');
  const path = `/api/v1/namespaces/${namespace}/endpoints/${name}`;
  await orNothing(access.request({ method: 'DELETE', path }));
};

const isStillLed = async (access: ClusterAccess, seen: ServiceObject): Promise<boolean> => {
  const now = await readService(access, seen);
  if (now === undefined || obstacleOfService(now) !== undefined) return false;
  return workloadOfService(now) === workloadOfService(seen);
};

/**
 * Makes those of a Service go that we lead; those of a user's own Endpoints stay. What was seen may
 * be newer than the Service: turned back, it has slices by its selector again, which serve. So it
 * is read first. Rejects with OutsideError.
 */
export const removeLeftovers = async (
  access: ClusterAccess,
  seen: ServiceObject,
  leftovers: readonly LeftoverSlice[],
): Promise<void> => {
  const removable = leftovers.filter(({ source }) => source !== 'endpoints of the user');
  if (removable.length === 0 || !(await isStillLed(access, seen))) return;
  for (const { service, name, uid, source } of removable) {
    if (source === 'endpoints') {
      await deleteEndpoints(access, service);
      continue;
    }
    const [namespace = ''] = service.split('/');
    const slice = { metadata: { namespace, name, uid }, addressType: 'IPv4', endpoints: [] };
    await writeSlice(access, { kind: 'delete', slice }, controllerFieldManager);
  }
};

/** Why requests go where Flyball did not lead them, in words for the one who can mend it. */
export const problemOfLeftovers = (leftovers: readonly LeftoverSlice[]): string | undefined => {
  const found = leftovers.find(({ source }) => source === 'endpoints of the user');
  if (found === undefined) return undefined;
  return (
    `Service ${found.service} has an Endpoints object of its own, whose addresses get requests ` +
    'beside those that Flyball leads to: delete it.'
  );
};
