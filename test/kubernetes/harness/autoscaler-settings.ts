/** The cluster's own settings of a test: the ConfigMap config-autoscaler, with short windows. */
import type { ApiClient } from '../api/api-client.ts';

/** Windows that pass in a test's time; new workloads start at zero. */
const shortSettings: Readonly<Record<string, string>> = {
  'container-concurrency-target-default': '100',
  'container-concurrency-target-percentage': '1.0',
  'stable-window': '6s',
  'panic-window': '1s',
  'scale-to-zero-grace-period': '2s',
  'scale-to-zero-pod-retention-period': '0s',
  'max-scale-up-rate': '10',
  'allow-zero-initial-scale': 'true',
  'initial-scale': '0',
};

export interface AutoscalerSettings {
  /** Changes some keys of the ConfigMap while Flyball runs. */
  change(changes: Readonly<Record<string, string>>): Promise<void>;
}

/** Creates the ConfigMap with the short settings and `changes`. */
export const createAutoscalerSettings = async (
  api: ApiClient,
  namespace: string,
  changes: Readonly<Record<string, string>>,
): Promise<AutoscalerSettings> => {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const metadata = { name: 'config-autoscaler' };
  await api.create(path, { metadata, data: { ...shortSettings, ...changes } });
  return {
    change: async (data) => void (await api.patch(`${path}/config-autoscaler`, { data })),
  };
};
