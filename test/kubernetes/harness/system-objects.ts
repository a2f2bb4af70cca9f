/** What Flyball has on the cluster for itself: settings, the activators' Service, its rights. */
import { randomInt } from 'node:crypto';
import { type ApiClient, isStale } from '../api/api-client.ts';
import { type ActivatorService, createActivatorService } from './activator-service.ts';
import { type AutoscalerSettings, createAutoscalerSettings } from './autoscaler-settings.ts';
import { grantRights, installedNamespace } from './rights.ts';

export interface SystemOptions {
  readonly kubeconfig: string;
  /** Over the short settings of the ConfigMap config-autoscaler. */
  readonly autoscaler: Readonly<Record<string, string>>;
  /** Where that ConfigMap is to be; with the rest where it is undefined. */
  readonly settingsNamespace: string | undefined;
  /** As the manifests have it: their namespace, and for each of these services its own rights. */
  readonly installed: readonly string[] | undefined;
  readonly folder: string;
  readonly gatewayPort: number;
}

export interface SystemObjects {
  readonly settingsNamespace: string;
  readonly autoscaler: AutoscalerSettings;
  readonly activators: ActivatorService;
  /** With which the service shows who it is. */
  kubeconfigOf(service: string): string;
  remove(): Promise<void>;
}

const createNamespace = async (api: ApiClient): Promise<string> => {
  const name = `flyball-test-${randomInt(1_000_000)}`;
  await api.create('/api/v1/namespaces', { metadata: { name } });
  return name;
};

/** The namespace of the manifests stays, with the rights: the next test needs them again. */
const removeFrom = async (api: ApiClient, namespace: string, settings: string): Promise<void> => {
  const core = `/api/v1/namespaces/${namespace}`;
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const paths = [
    `/api/v1/namespaces/${settings}/configmaps/config-autoscaler`,
    ...(namespace === installedNamespace
      ? [`${core}/services/activator`, `${slices}/activator-1`]
      : [core]),
  ];
  for (const path of paths) {
    await api.delete(path).catch((error: unknown) => {
      if (!isStale(error)) throw error;
    });
  }
};

/** Creates them. */
export const createSystemObjects = async (
  api: ApiClient,
  options: SystemOptions,
): Promise<SystemObjects> => {
  const { kubeconfig, installed, folder, gatewayPort } = options;
  const rights =
    installed === undefined
      ? undefined
      : await grantRights({ api, kubeconfig, folder, services: installed });
  const namespace = rights === undefined ? await createNamespace(api) : installedNamespace;
  const { settingsNamespace = namespace } = options;
  return {
    settingsNamespace,
    autoscaler: await createAutoscalerSettings(api, settingsNamespace, options.autoscaler),
    activators: await createActivatorService(api, namespace, gatewayPort),
    kubeconfigOf: (service) => rights?.get(service) ?? kubeconfig,
    remove: () => removeFrom(api, namespace, settingsNamespace),
  };
};
