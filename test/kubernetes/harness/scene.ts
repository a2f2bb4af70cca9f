/** What every scene needs: a namespace, a Flyball that looks at it, and ways to look at both. */
import { type HistoryEvent, historyOf } from '../../e2e/harness/reading.ts';
import { until } from '../../e2e/harness/until.ts';
import { type ApiClient, connectApi, isStale } from '../api/api-client.ts';
import { type Flyball, type FlyballOptions, startFlyball } from './flyball.ts';
import { type Kubectl, kubectlOf } from './kubectl.ts';

const goneLimitMs = 60_000;

export interface Scene {
  readonly namespace: string;
  readonly api: ApiClient;
  readonly kubectl: Kubectl;
  /** The same with more in its environment. */
  kubectlWith(env: Readonly<Record<string, string>>): Kubectl;
  readonly flyball: Flyball;
  /** The events of a workload of this namespace so far; none while nothing is known of it. */
  history(name: string): Promise<readonly HistoryEvent[]>;
  /** Ends Flyball, and resolves when the namespace is gone with all that was in it. */
  close(): Promise<void>;
}

const removeNamespace = async (api: ApiClient, namespace: string): Promise<void> => {
  const path = `/api/v1/namespaces/${namespace}`;
  await api.delete(path);
  await until(`${namespace} is gone`, { limitMs: goneLimitMs }, () =>
    api.get(path).then(
      () => false,
      (error: unknown) => {
        if (!isStale(error)) throw error;
        return true;
      },
    ),
  );
};

const createNamespace = (api: ApiClient, name: string): Promise<void> =>
  api.create('/api/v1/namespaces', { metadata: { name } }).then(
    () => undefined,
    (error: unknown) => {
      if (!isStale(error)) throw error;
    },
  );

/** Opens it; `namespace` must be the file's own, or `default`, which stays. */
export const openScene = async (
  namespace: string,
  options: Omit<FlyballOptions, 'namespaces'>,
): Promise<Scene> => {
  const { kubeconfig } = options;
  const api = await connectApi(kubeconfig);
  await createNamespace(api, namespace);
  const flyball = await startFlyball({ ...options, namespaces: [namespace] });
  return {
    ...{ namespace, api, flyball, kubectl: kubectlOf(kubeconfig) },
    kubectlWith: (env) => kubectlOf(kubeconfig, env),
    history: (name) => historyOf(flyball.place, `${namespace}/${name}`).catch(() => []),
    close: async () => {
      await flyball.stop();
      if (namespace !== 'default') await removeNamespace(api, namespace);
      await api.close();
    },
  };
};
