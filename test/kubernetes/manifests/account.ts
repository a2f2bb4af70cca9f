/** Acts as a service account: a kubeconfig with a token of it, as its pods have one. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { ApiClient } from '../api/api-client.ts';

const tokenSeconds = 3_600;

export interface Account {
  readonly namespace: string;
  readonly name: string;
}

export interface AccountPlace {
  readonly api: ApiClient;
  /** The administrator's, which says where the cluster is. */
  readonly kubeconfig: string;
  /** Where it is written. */
  readonly folder: string;
}

/** Resolves with the path of the kubeconfig. */
export const actAs = async (
  { namespace, name }: Account,
  { api, kubeconfig, folder }: AccountPlace,
): Promise<string> => {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const body = { spec: { expirationSeconds: tokenSeconds } };
  const { status } = JSON.parse(await api.call('POST', path, body)) as {
    readonly status: { readonly token: string };
  };
  const config = parse(await readFile(kubeconfig, 'utf8'));
  const users = config.users.map((one: { readonly name: string }) => ({
    name: one.name,
    user: { token: status.token },
  }));
  const file = join(folder, `${name}.kubeconfig`);
  await writeFile(file, stringify({ ...config, users }), { mode: 0o600 });
  return file;
};
