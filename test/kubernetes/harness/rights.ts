/** Each service's rights on the cluster: exactly those that the manifests give it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { until } from '../../e2e/harness/until.ts';
import { type ApiClient, isStale } from '../api/api-client.ts';
import { repositoryRoot } from '../node/commands.ts';
import { kubectlOf } from './kubectl.ts';

/** Where the manifests put everything of ours. */
export const installedNamespace = 'flyball-system';

const manifests = join(repositoryRoot, 'infra/kubernetes/rendered/dev.yaml');
const rightsKinds: ReadonlySet<string> = new Set([
  ...['Namespace', 'ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
]);
const tokenSeconds = 7_200;
const namespaceLimitMs = 120_000;
const objectSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

const tokenSchema = z.looseObject({ status: z.looseObject({ token: z.string() }) });
const kubeconfigSchema = z.looseObject({ users: z.array(z.looseObject({ name: z.string() })) });

/** Another test may have removed it, and Kubernetes takes its time for that. */
const untilNotEnding = (api: ApiClient, namespace: string): Promise<unknown> =>
  until(`${namespace} is there or gone`, { limitMs: namespaceLimitMs }, async () => {
    const found = await api.get(`/api/v1/namespaces/${namespace}`).catch((error: unknown) => {
      if (!isStale(error)) throw error;
      return undefined;
    });
    return found?.metadata.deletionTimestamp === undefined;
  });

const applyRights = async (api: ApiClient, kubeconfig: string, folder: string): Promise<void> => {
  const documents = parseAllDocuments(await readFile(manifests, 'utf8'));
  const objects = documents.map((document) => objectSchema.parse(document.toJS()));
  const items = objects.filter(({ kind }) => rightsKinds.has(kind));
  for (const { kind, metadata } of items) {
    if (kind === 'Namespace') await untilNotEnding(api, metadata.name);
  }
  const file = join(folder, 'rights.json');
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await kubectlOf(kubeconfig)('apply', '--filename', file);
};

const tokenOf = async (api: ApiClient, account: string): Promise<string> => {
  const path = `/api/v1/namespaces/${installedNamespace}/serviceaccounts/${account}/token`;
  const answer = await api.call('POST', path, { spec: { expirationSeconds: tokenSeconds } });
  return tokenSchema.parse(JSON.parse(answer)).status.token;
};

export interface RightsOptions {
  readonly api: ApiClient;
  /** The administrator's. */
  readonly kubeconfig: string;
  /** The services' own are written there. */
  readonly folder: string;
  readonly services: readonly string[];
}

/**
 * Applies the accounts and roles of the manifests; resolves with the path of each service's
 * kubeconfig, which shows its account's token.
 */
export const grantRights = async (options: RightsOptions): Promise<Map<string, string>> => {
  const { api, kubeconfig, folder, services } = options;
  await applyRights(api, kubeconfig, folder);
  const config = kubeconfigSchema.parse(parse(await readFile(kubeconfig, 'utf8')));
  const paths = new Map<string, string>();
  for (const service of services) {
    const token = await tokenOf(api, service).catch((error: unknown) => {
      if (!isStale(error)) throw error;
      throw new Error(`The manifests have no account for ${service}.`, { cause: error });
    });
    const users = config.users.map(({ name }) => ({ name, user: { token } }));
    const path = join(folder, `${service}.kubeconfig`);
    await writeFile(path, JSON.stringify({ ...config, users }), { mode: 0o600 });
    paths.set(service, path);
  }
  return paths;
};
