/** Follows what routing looks at for as long as the process lives. */
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import type { Life } from '@flyball/service';
import type { ClusterCaches } from '../cluster-caches.ts';
import type { ControllerConfig } from '../config.ts';
import type { ControllerParts } from '../loop.ts';
import { flyballNamespace } from '../own-namespace.ts';
import { createManagedWorkloads } from './managed-workloads.ts';
import { createRoutingSight } from './routing-sight.ts';

export interface OpenRoutingSight {
  readonly access: ClusterAccess;
  readonly caches: Pick<ClusterCaches, 'deployments' | 'namespaces' | 'services'>;
  readonly config: Pick<ControllerConfig, 'activatorService' | 'optIn'>;
  readonly life: Life;
}

/** `life` ends it. */
export const openRoutingSight = (
  options: OpenRoutingSight,
): Pick<ControllerParts, 'routing' | 'managed'> => {
  const { access, caches, config, life } = options;
  const { activatorService, optIn } = config;
  const own = { optIn, ownNamespace: flyballNamespace() };
  const managed = createManagedWorkloads({ ...caches, ...own });
  const { services } = caches;
  const routing = createRoutingSight({ access, services, activatorService, managed });
  life.run('routing', routing.follow);
  return { routing, managed };
};
