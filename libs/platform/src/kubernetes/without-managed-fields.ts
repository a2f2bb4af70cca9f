/** An object without what the API server writes down of who wrote what. */
import type { KubernetesObject } from '@kubernetes/client-node';

/** They are the larger half of a small object. */
export const withoutManagedFields = <Kind extends KubernetesObject>(object: Kind): Kind => {
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
};
