/** What of the cluster every loop looks at: one watch of each kind for the whole process. */
import type { AutoscalerConfig } from '@flyball/knative';
import {
  type ClusterAccess,
  type ObjectCache,
  queueProxyNames,
} from '@flyball/platform/kubernetes';
import type { Life } from '@flyball/service';
import type { ControllerConfig } from './config.ts';
import { followConfig } from './follow-config.ts';
import type { GatewayService } from './gateway/gateway-address.ts';
import type { KnativeRoute, KnativeService, PodAutoscaler } from './knative/knative-service.ts';
import { knativeServiceVersion, podAutoscalerVersion } from './knative/knative-service.ts';
import { type Pod, type RevisionPod, revisionPod } from './knative/pod-trouble.ts';
import { servingLabel } from './knative/serving-names.ts';
import { hasQueueProxy } from './knative/with-queue-proxy.ts';
import type { ClusterObject, CoreService, Deployment, TextMap } from './objects/cluster-object.ts';
import { collectionPath, namespacePath, type WrittenKind } from './objects/object-path.ts';
import { openCache } from './objects/open-cache.ts';
import { type SeenKinds, watchSight } from './watch-sight.ts';

export interface NamespaceSeen {
  readonly name: string;
  readonly labels: TextMap;
  readonly annotations: TextMap;
}

export interface ClusterCaches {
  /** Whole where Knative Services own them; of others pods are not kept. */
  readonly deployments: ObjectCache<Deployment>;
  readonly services: ObjectCache<CoreService>;
  /** That of the activators alone, wherever it is. */
  readonly activatorServices: ObjectCache<GatewayService>;
  /** Undefined where only some are looked at: who may see these may seldom list them all. */
  readonly namespaces: ObjectCache<NamespaceSeen> | undefined;
  readonly autoscalers: ObjectCache<ClusterObject>;
  /** Empty, and not synced, while their kinds are not there or not ours. */
  readonly knativeServices: ObjectCache<KnativeService>;
  readonly routes: ObjectCache<KnativeRoute>;
  readonly podAutoscalers: ObjectCache<PodAutoscaler>;
  readonly revisionPods: ObjectCache<RevisionPod>;
  /** Those that are followed wherever the controller runs. */
  readonly needed: SeenKinds;
  /** What the newest ConfigMap that could be read says; defaults where there is none. */
  config(): AutoscalerConfig;
  /** Told when it is another one; answers how to stop it. */
  onConfig(listener: () => void): () => void;
}

const isRevision = ({ metadata }: Deployment): boolean =>
  metadata.labels?.[servingLabel.revision] !== undefined;

/** Of pods that we did not make, only what is annotated on them, and a queue-proxy. */
const slimDeployment = (deployment: Deployment): Deployment => {
  if (isRevision(deployment)) return deployment;
  const { replicas, selector, template } = deployment.spec;
  const metadata = template.metadata ?? {};
  const containers = hasQueueProxy(template) ? [{ name: queueProxyNames.container }] : [];
  return {
    ...deployment,
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector,
      template: { metadata, spec: { containers } },
    },
  };
};

const openCore = (access: ClusterAccess) => {
  const whole = <Kind extends ClusterObject>(written: WrittenKind, apiVersion: string) => {
    const what = { path: collectionPath(written), of: { apiVersion, kind: written } };
    return openCache<Kind>(access, what, (object) => object);
  };
  return {
    deployments: openCache<Deployment>(
      access,
      {
        path: collectionPath('Deployment'),
        of: { apiVersion: 'apps/v1', kind: 'Deployment' },
      },
      slimDeployment,
    ),
    namespaces: openCache<ClusterObject, NamespaceSeen>(
      access,
      {
        path: '/api/v1/namespaces',
        of: { apiVersion: 'v1', kind: 'Namespace' },
        clusterScoped: true,
        metadataOnly: true,
      },
      ({ metadata: { name, labels = {}, annotations = {} } }) => ({ name, labels, annotations }),
    ),
    services: whole<CoreService>('Service', 'v1'),
    autoscalers: whole<ClusterObject>('HorizontalPodAutoscaler', 'autoscaling/v2'),
  };
};

/** It need not be in a namespace that is looked at. */
const openActivatorServices = (
  access: ClusterAccess,
  activatorService: string,
): ObjectCache<GatewayService> => {
  const [namespace = '', name = ''] = activatorService.split('/');
  const of = { apiVersion: 'v1', kind: 'Service' };
  const path = namespacePath(of, namespace);
  const what = { of, path, fieldSelector: `metadata.name=${name}` };
  return openCache<GatewayService>(access, what, (object) => object);
};

const openKnative = (access: ClusterAccess) => {
  const own = <Kind extends ClusterObject>(written: WrittenKind, of: [string, string]) => {
    const [apiVersion, kind] = of;
    const what = { path: collectionPath(written), of: { apiVersion, kind } };
    return openCache<Kind>(access, what, (object) => object);
  };
  return {
    knativeServices: own<KnativeService>('KnativeService', [knativeServiceVersion, 'Service']),
    routes: own<KnativeRoute>('Route', [knativeServiceVersion, 'Route']),
    podAutoscalers: own<PodAutoscaler>('PodAutoscaler', [podAutoscalerVersion, 'PodAutoscaler']),
    revisionPods: openCache<Pod, RevisionPod>(
      access,
      {
        path: '/api/v1/pods',
        of: { apiVersion: 'v1', kind: 'Pod' },
        labelSelector: servingLabel.revision,
      },
      revisionPod,
    ),
  };
};

/**
 * Opens the caches; `life` ends them. `served` resolves with true once the kinds of Knative
 * Services are there and ours; until then they are not followed.
 */
export const openClusterCaches = (
  access: ClusterAccess,
  config: ControllerConfig,
  { life, served }: { life: Life; served: Promise<boolean> },
): ClusterCaches => {
  const { namespaces: all, ...kinds } = openCore(access);
  const activatorServices = openActivatorServices(access, config.activatorService);
  const others = { ...kinds, activatorServices };
  const namespaces = access.namespaces.length === 0 ? all : undefined;
  const knative = openKnative(access);
  const followed = followConfig(access, config.configNamespaces, life);
  const core = namespaces === undefined ? others : { ...others, namespaces };
  for (const cache of [...Object.values(core), ...followed.caches]) {
    life.run('cluster', (signal) => cache.follow(signal));
  }
  watchSight(knative, life.logger);
  for (const cache of Object.values(knative)) {
    life.run('custom resources', async (signal) => {
      if (await served) await cache.follow(signal);
    });
  }
  const { config: current, onConfig } = followed;
  const settings = followed.caches.map((cache, at) => [
    `config-autoscaler of ${config.configNamespaces[at]}`,
    cache,
  ]);
  const needed: SeenKinds = { ...core, ...Object.fromEntries(settings) };
  return { ...others, namespaces, ...knative, needed, config: current, onConfig };
};
