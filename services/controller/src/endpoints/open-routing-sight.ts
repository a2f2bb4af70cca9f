/** Follows what routing looks at for as long as the process lives. */
import type { ClusterAccess, ObjectCache } from '@flyball/platform/kubernetes';
import type { Life } from '@flyball/service';
import type { ControllerConfig } from '../config.ts';
import { createRoutingSight, type RoutingSight } from './routing-sight.ts';

export interface OpenRoutingSight {
  readonly access: ClusterAccess;
  readonly services: ObjectCache<object>;
  readonly config: Pick<ControllerConfig, 'activatorService'>;
  readonly life: Life;
}

/** `life` ends it. */
export const openRoutingSight = (options: OpenRoutingSight): RoutingSight => {
  const { access, services, config, life } = options;
  const { activatorService } = config;
  const routing = createRoutingSight({ access, services, activatorService });
  life.run('routing', routing.follow);
  return routing;
};
