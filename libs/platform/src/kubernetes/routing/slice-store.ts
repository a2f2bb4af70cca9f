/** Our EndpointSlices on the API server: read, and written one by one. */
import type { V1EndpointSlice } from '@kubernetes/client-node';
import { isGone } from '../../gone.ts';
import type { ClusterAccess } from '../cluster-access.ts';
import { sliceLabel, sliceManager } from './endpoint-slices.ts';
import { keptSlice } from './kept-objects.ts';
import type { SliceWrite } from './slice-writes.ts';

const collection = (namespace: string): string =>
  `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;

interface SliceList {
  readonly items?: readonly V1EndpointSlice[];
}

const list = async (
  access: ClusterAccess,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Promise<readonly V1EndpointSlice[]> => {
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const query = new URLSearchParams({ labelSelector });
  const answer = await access.request<SliceList>({ path: `${collection(namespace)}?${query}` });
  return (answer.items ?? []).map(keptSlice);
};

/** All slices of a Service, whoever keeps them. Rejects with ClusterError. */
export const readSlicesOf = (
  access: ClusterAccess,
  namespace: string,
  service: string,
): Promise<readonly V1EndpointSlice[]> =>
  list(access, namespace, { [sliceLabel.service]: service });

/** Those of a Service that are ours. Rejects with ClusterError. */
export const readOwnSlices = (
  access: ClusterAccess,
  namespace: string,
  service: string,
): Promise<readonly V1EndpointSlice[]> =>
  list(access, namespace, {
    [sliceLabel.service]: service,
    [sliceLabel.managedBy]: sliceManager,
  });

/** Carries one write out; what is to be deleted may be gone. PLATFORM_CONFLICT: read anew. */
export const writeSlice = async (
  access: ClusterAccess,
  { kind, slice }: SliceWrite,
  fieldManager: string,
): Promise<void> => {
  const { name = '', namespace = '', uid, resourceVersion } = slice.metadata ?? {};
  const query = new URLSearchParams({ fieldManager });
  const path = collection(namespace);
  if (kind === 'create') {
    await access.request({ method: 'POST', path: `${path}?${query}`, body: slice });
    return;
  }
  if (kind === 'replace') {
    await access.request({ method: 'PUT', path: `${path}/${name}?${query}`, body: slice });
    return;
  }
  const preconditions = { uid, resourceVersion };
  try {
    await access.request({ method: 'DELETE', path: `${path}/${name}`, body: { preconditions } });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
};
