/** Kubernetes as a platform, and what else of ours talks to an API server stands on. */

export { canonicalJson } from './canonical-json.ts';
export {
  type ClusterAccess,
  type ClusterCall,
  type ClusterOptions,
  connectCluster,
  type WatchBody,
} from './cluster-access.ts';
export { ClusterError, isExpired, outsideErrorOf } from './cluster-error.ts';
export { ownNamespace } from './credentials.ts';
export { type KeptDeployment, keptDeployment } from './deployment-object.ts';
export { type FollowLimits, followObjects, type ObjectChange } from './follow-objects.ts';
export { type CacheGroups, groupCache } from './group-cache.ts';
export { createGrouped, type Grouped } from './grouped.ts';
export * from './inject/index.ts';
export { createKubernetesPlatform, type KubernetesPlatformOptions } from './kubernetes-platform.ts';
export type { FollowedCollection } from './list-objects.ts';
export {
  type CacheChange,
  createObjectCache,
  type ObjectCache,
  type ObjectCacheOptions,
  type ObjectKey,
} from './object-cache.ts';
export { openPodPort, type PodPort, type PodPortOptions } from './open-pod-port.ts';
export { isManaged, namespaceEnabled } from './opt-in.ts';
export { queueProxyNames } from './queue-proxy-names.ts';
export * from './routing/index.ts';
export { withoutManagedFields } from './without-managed-fields.ts';
