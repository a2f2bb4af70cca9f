/** The ConfigMap `config-autoscaler` as it is now, of the first namespace that has it. */
import {
  type AutoscalerConfig,
  defaultAutoscalerConfig,
  hasErrors,
  parseConfigAutoscaler,
} from '@flyball/knative';
import type { ClusterAccess, ObjectCache } from '@flyball/platform/kubernetes';
import type { Life } from '@flyball/service';
import type { ClusterObject, TextMap } from './objects/cluster-object.ts';
import { openCache } from './objects/open-cache.ts';

interface ConfigMap extends ClusterObject {
  readonly data?: TextMap;
}

export interface FollowedConfig {
  /** To be followed by who opened it. */
  readonly caches: readonly ObjectCache<TextMap>[];
  /** Of the newest ConfigMap that could be read; defaults where there is none. */
  config(): AutoscalerConfig;
  /** Told when it is another one; answers how to stop it. */
  onConfig(listener: () => void): () => void;
}

const configMapIn = (access: ClusterAccess, namespace: string): ObjectCache<TextMap> =>
  openCache<ConfigMap, TextMap>(
    access,
    {
      path: `/api/v1/namespaces/${namespace}/configmaps`,
      of: { apiVersion: 'v1', kind: 'ConfigMap' },
      fieldSelector: 'metadata.name=config-autoscaler',
    },
    ({ data }) => data ?? {},
  );

/** A ConfigMap that is refused leaves the one before in force, with a warning in the log. */
export const followConfig = (
  access: ClusterAccess,
  namespaces: readonly string[],
  { logger }: Pick<Life, 'logger'>,
): FollowedConfig => {
  const listeners = new Set<() => void>();
  const caches = namespaces.map((namespace) => configMapIn(access, namespace));
  let current = defaultAutoscalerConfig;
  const read = (): void => {
    if (!caches.every((cache) => cache.isSynced())) return;
    const [data = {}] = caches.flatMap((cache) => [...cache.values()]);
    const { config, complaints } = parseConfigAutoscaler(data);
    if (hasErrors(complaints)) {
      logger.warn({ complaints }, 'config-autoscaler is refused; the one before stays in force');
      return;
    }
    current = config;
    for (const listener of listeners) listener();
  };
  for (const cache of caches) cache.onChange(read);
  return {
    caches,
    config: () => current,
    onConfig: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
