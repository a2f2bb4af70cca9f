/** Routing on Kubernetes: a public Service's EndpointSlices point at activators or at pods. */

export type {
  V1EndpointSlice as EndpointSlice,
  V1Pod as PodObject,
  V1Service as ServiceObject,
} from '@kubernetes/client-node';
export { type EndpointPod, endpointPodOf, workloadOfPod } from './endpoint-pod.ts';
export {
  endpointSlicesOf,
  endpointsPerSliceMax,
  type SlicesWish,
  sliceLabel,
  sliceManager,
  type WantedSlices,
} from './endpoint-slices.ts';
export { keptService, keptSlice } from './kept-objects.ts';
export {
  hazardOfService,
  hostsListed,
  hostsOfService,
  obstacleOfService,
  problemOfService,
  routingOfService,
  serviceAnnotation,
  workloadOfService,
} from './public-service.ts';
export { createRouter, type Router, type RouterOptions, type RoutingSources } from './router.ts';
export {
  readService,
  type Settled,
  type SettleOptions,
  settleService,
} from './settle-service.ts';
export { readOwnSlices, writeSlice } from './slice-store.ts';
export type { RoutingWish } from './wanted-endpoints.ts';
