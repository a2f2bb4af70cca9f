/** Of Services and EndpointSlices what routing needs: what a cache keeps of each. */
import type { V1EndpointSlice, V1ObjectMeta, V1Service } from '@kubernetes/client-node';
import { workloadOfService } from './public-service.ts';

const ownPrefix = 'flyball.dev/';

const identityOf = ({ name, namespace, uid, resourceVersion }: V1ObjectMeta): V1ObjectMeta => ({
  ...(name === undefined ? {} : { name }),
  ...(namespace === undefined ? {} : { namespace }),
  ...(uid === undefined ? {} : { uid }),
  ...(resourceVersion === undefined ? {} : { resourceVersion }),
});

/** A public Service with our annotations and its ports; undefined for one that is not public. */
export const keptService = (service: V1Service): V1Service | undefined => {
  if (workloadOfService(service) === undefined) return undefined;
  const { metadata = {}, spec = {} } = service;
  const own = Object.entries(metadata.annotations ?? {}).filter(([key]) =>
    key.startsWith(ownPrefix),
  );
  const { ports, ipFamilies, selector, type, clusterIP } = spec;
  const { externalTrafficPolicy, internalTrafficPolicy } = spec;
  return {
    metadata: { ...identityOf(metadata), annotations: Object.fromEntries(own) },
    spec: {
      ...(ports === undefined ? {} : { ports }),
      ...(ipFamilies === undefined ? {} : { ipFamilies }),
      ...(selector === undefined ? {} : { selector }),
      ...(type === undefined ? {} : { type }),
      ...(clusterIP === undefined ? {} : { clusterIP }),
      ...(externalTrafficPolicy === undefined ? {} : { externalTrafficPolicy }),
      ...(internalTrafficPolicy === undefined ? {} : { internalTrafficPolicy }),
    },
  };
};

/** A slice without its history of writers. */
export const keptSlice = (slice: V1EndpointSlice): V1EndpointSlice => {
  const { metadata = {}, addressType, endpoints, ports } = slice;
  const { labels, annotations, ownerReferences } = metadata;
  return {
    addressType,
    metadata: {
      ...identityOf(metadata),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
    ...(endpoints == null ? {} : { endpoints }),
    ...(ports == null ? {} : { ports }),
  };
};
