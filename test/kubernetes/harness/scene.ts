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
  /** Ends Flyball; the namespace goes with all that is in it. */
  close(): Promise<void>;
}

/** Creates it; one of an earlier run that is on its way out is waited for. */
const createNamespace = async (api: ApiClient, name: string): Promise<void> => {
  const create = (): Promise<boolean> =>
    api.create('/api/v1/namespaces', { metadata: { name } }).then(
      () => true,
      (error: unknown) => {
        if (!isStale(error)) throw error;
        return false;
      },
    );
  await until(`the namespace ${name} can be made`, { limitMs: goneLimitMs }, create);
};

/** Opens it; `namespace` must be the file's own, or `default`, which stays. */
export const openScene = async (
  namespace: string,
  options: Omit<FlyballOptions, 'namespaces'>,
): Promise<Scene> => {
  const { kubeconfig } = options;
  const api = await connectApi(kubeconfig);
  if (namespace !== 'default') await createNamespace(api, namespace);
  const flyball = await startFlyball({ ...options, namespaces: [namespace] });
  return {
    ...{ namespace, api, flyball, kubectl: kubectlOf(kubeconfig) },
    kubectlWith: (env) => kubectlOf(kubeconfig, env),
    history: (name) => historyOf(flyball.place, `${namespace}/${name}`).catch(() => []),
    close: async () => {
      await flyball.stop();
      if (namespace !== 'default') await api.delete(`/api/v1/namespaces/${namespace}`);
      await api.close();
    },
  };
};
