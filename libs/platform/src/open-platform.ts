/** The platform that the settings name; what only one of them needs is loaded with it. */
import { createLocalPlatform } from './local.ts';
import type { Platform } from './platform.ts';

export interface PlatformSettings {
  readonly platform: 'local' | 'kubernetes';
  readonly platformUrl: string;
  readonly platformToken: string;
  readonly kubeconfig: string;
  readonly namespaces: readonly string[];
  readonly optIn: 'annotated' | 'all';
  readonly configNamespaces: readonly string[];
  readonly domain: string;
  /** `namespace/name` of the activator's own Service, for who routes. */
  readonly activatorService?: string;
}

/** Told of each call to a cluster: verb, resource, its HTTP status or 0, and how long it took. */
export type OnClusterCall = (verb: string, resource: string, code: number, tookMs: number) => void;

/** Where Flyball runs when no pod's own namespace says so. */
const usualNamespace = 'flyball-system';

/** Rejects with FILE_UNREADABLE for a kubeconfig; connects when it is first used. */
export const openPlatform = async (
  settings: PlatformSettings,
  onCall: OnClusterCall,
): Promise<Platform> => {
  if (settings.platform === 'local') {
    return createLocalPlatform({ url: settings.platformUrl, token: settings.platformToken });
  }
  const { connectCluster, createKubernetesPlatform, ownNamespace } = await import(
    './kubernetes/index.ts'
  );
  const { kubeconfig, namespaces } = settings;
  return createKubernetesPlatform({
    access: connectCluster({ kubeconfig, namespaces, onCall }),
    optIn: settings.optIn,
    ownNamespace: ownNamespace() ?? usualNamespace,
    configNamespaces: settings.configNamespaces,
    domain: settings.domain,
    activatorService: settings.activatorService,
  });
};
