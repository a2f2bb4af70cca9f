/** The kinds of Knative that Flyball brings to a cluster without Knative. */
import { type CustomResource, customResource, readyColumns } from './custom-resource.ts';

const knative = ['all', 'knative', 'serving'] as const;

const serviceKind = customResource({
  group: 'serving.knative.dev',
  kind: 'Service',
  plural: 'services',
  shortNames: ['kservice', 'ksvc'],
  categories: knative,
  versions: ['v1', 'v1alpha1'],
  columns: [
    { name: 'URL', type: 'string', jsonPath: '.status.url' },
    { name: 'LatestCreated', type: 'string', jsonPath: '.status.latestCreatedRevisionName' },
    { name: 'LatestReady', type: 'string', jsonPath: '.status.latestReadyRevisionName' },
    ...readyColumns,
  ],
});

const routeKind = customResource({
  group: 'serving.knative.dev',
  kind: 'Route',
  plural: 'routes',
  shortNames: ['rt'],
  categories: knative,
  versions: ['v1', 'v1alpha1'],
  columns: [{ name: 'URL', type: 'string', jsonPath: '.status.url' }, ...readyColumns],
});

const podAutoscalerKind = customResource({
  group: 'autoscaling.internal.knative.dev',
  kind: 'PodAutoscaler',
  plural: 'podautoscalers',
  shortNames: ['kpa', 'pa'],
  categories: ['knative-internal', 'autoscaling'],
  versions: ['v1alpha1'],
  columns: [
    { name: 'DesiredScale', type: 'integer', jsonPath: '.status.desiredScale' },
    { name: 'ActualScale', type: 'integer', jsonPath: '.status.actualScale' },
    ...readyColumns,
  ],
});

export const customResources: readonly CustomResource[] = [
  serviceKind,
  routeKind,
  podAutoscalerKind,
];
