/** Writes objects: made, replaced as they were read, removed. Every write names who wrote it. */
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import type { ClusterObject } from './cluster-object.ts';
import { namespacePath } from './object-path.ts';

export const controllerFieldManager = 'flyball-controller';

/**
 * Each rejects with ClusterError: PLATFORM_CONFLICT where the object changed since it was read, or
 * is there already; PLATFORM_GONE, _REFUSED, _UNREACHABLE.
 */
export interface ObjectWriter {
  create(object: ClusterObject): Promise<void>;
  /** By the resourceVersion that it was read with. */
  replace(object: ClusterObject): Promise<void>;
  replaceStatus(object: ClusterObject, status: object): Promise<void>;
  /** The very object that was read: one of the same name that came later stays. */
  remove(object: ClusterObject): Promise<void>;
}

const query = `?fieldManager=${controllerFieldManager}`;

const pathOf = (object: ClusterObject): string => {
  const { name, namespace = '' } = object.metadata;
  return `${namespacePath(object, namespace)}/${encodeURIComponent(name)}`;
};

export const createObjectWriter = (access: Pick<ClusterAccess, 'request'>): ObjectWriter => ({
  create: async (object) => {
    const path = namespacePath(object, object.metadata.namespace ?? '') + query;
    await access.request({ method: 'POST', path, body: object });
  },
  replace: async (object) => {
    await access.request({ method: 'PUT', path: pathOf(object) + query, body: object });
  },
  replaceStatus: async (object, status) => {
    const path = `${pathOf(object)}/status${query}`;
    await access.request({ method: 'PUT', path, body: { ...object, status } });
  },
  remove: async (object) => {
    const { uid } = object.metadata;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    };
    await access.request({ method: 'DELETE', path: pathOf(object), body });
  },
});
