/** `--cluster` on a real API server: NATS in a pod, and who has the rights for it, or less. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { availableNatsServers } from '@flyball/event-log/testing';
import { connectCluster } from '@flyball/platform/kubernetes';
import { storyWorkload as workload } from '@flyball/reading/testing';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { checkLog } from '../doctor/cluster/log-check.ts';
import { type ClusterNamespace, openClusterNamespace } from '../testing/cluster-namespace.ts';
import { logServerConfig, passwordOf, runVerb, tellStoryTo } from '../testing/log-server.ts';
import { explain } from '../verbs/explain.ts';
import { get } from '../verbs/get.ts';

const readyLimitMs = 30_000;
const administrator = inject('kubeconfig');
const access = connectCluster({ kubeconfig: administrator, namespaces: [] });
/** API servers in containers cannot reach the node of the tests. */
const isReachable = inject('clusterKind') === 'own';

let namespace: ClusterNamespace;
let folder: string;

const post = (path: string, body: object): Promise<{ readonly status?: { token?: string } }> =>
  access.request({ method: 'POST', path, body });

const core = (): string => `/api/v1/namespaces/${namespace.name}`;
const rbac = (): string => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace.name}`;

const natsPod = async () => {
  const binary = (await availableNatsServers()).at(-1);
  if (binary === undefined) throw new Error('No nats-server is installed: `npm run setup`.');
  const config = join(folder, 'nats.conf');
  const store = `jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }`;
  await writeFile(config, `${store}\n${logServerConfig}`, { mode: 0o600 });
  const serve = `exec ${binary.path} --config ${config} --addr $HOST --port 4222`;
  return {
    metadata: { name: 'nats-0', labels: { 'app.kubernetes.io/name': 'nats' } },
    spec: {
      containers: [
        {
          ...{ name: 'nats', image: 'none', command: ['sh', '-c', serve] },
          ports: [{ name: 'nats', containerPort: 4222 }],
          readinessProbe: { tcpSocket: { port: 'nats' } },
        },
      ],
    },
  };
};

interface Pod {
  readonly status?: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const readyAddress = async (): Promise<string> => {
  const { status } = await access.request<Pod>({ path: `${core()}/pods/nats-0` });
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? (status?.podIP ?? '') : '';
};

/** Of a new account with these rights in the namespace. */
const kubeconfigOf = async (name: string, rules: readonly object[]): Promise<string> => {
  const metadata = { name };
  await post(`${core()}/serviceaccounts`, { metadata });
  await post(`${rbac()}/roles`, { metadata, rules });
  await post(`${rbac()}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: namespace.name }],
  });
  const { status } = await post(`${core()}/serviceaccounts/${name}/token`, { spec: {} });
  const config = parse(await readFile(administrator, 'utf8'));
  const users = config.users.map((one: object) => ({ ...one, user: { token: status?.token } }));
  const path = join(folder, name);
  await writeFile(path, stringify({ ...config, users }), { mode: 0o600 });
  return path;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flyball-cluster-source-'));
  namespace = await openClusterNamespace(access);
  const stringData = { reader: passwordOf('reader'), operator: passwordOf('operator') };
  await post(`${core()}/secrets`, { metadata: { name: 'nats-users' }, stringData });
  await post(`${core()}/pods`, await natsPod());
  const address = await vi.waitUntil(readyAddress, { timeout: readyLimitMs, interval: 100 });
  await tellStoryTo({ url: `nats://${address}:4222` });
}, 2 * readyLimitMs);

afterAll(async () => {
  await namespace[Symbol.asyncDispose]();
  await access.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

const secret = { apiGroups: [''], resources: ['secrets'], resourceNames: ['nats-users'] };
const readSecret = { ...secret, verbs: ['get'] };
const listPods = { apiGroups: [''], resources: ['pods'], verbs: ['list'] };
const forward = { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] };

const sourceOf = async (name: string, rules: readonly object[]) => ({
  ...{ kubeconfig: await kubeconfigOf(name, rules), output: 'json' as const },
  ...{ cluster: true, systemNamespace: namespace.name },
});

describe.runIf(isReachable)('with the rights that the page names', () => {
  it('get and explain answer', async () => {
    const source = await sourceOf('ana', [readSecret, listPods, forward]);
    const told = await runVerb((context) => get(context, { ...source, watch: false }));
    expect({ code: told.code, error: told.error }).toEqual({ code: 0, error: undefined });
    expect(JSON.parse(told.lines.join('\n'))).toMatchObject([{ name: 'web', desiredReplicas: 2 }]);
    const why = await runVerb((context) => explain(context, { ...source, workload }));
    expect(why.code).toBe(0);
  });

  it('the doctor looks at NATS', async () => {
    const { kubeconfig } = await sourceOf('eva', [readSecret, listPods, forward]);
    const { signal } = new AbortController();
    expect(await checkLog({ kubeconfig, namespace: namespace.name, signal })).toMatchObject({
      ...{ part: 'NATS', ok: true, found: expect.stringMatching(/partitions; .*: EVENTS \d/) },
    });
  });
});

describe('without one of them', () => {
  it.each([
    ['bo', [listPods, forward], 'You need the right to get the Secret nats-users'],
    ['cy', [readSecret, forward], 'You need the right to list pods'],
    ['di', [readSecret, listPods], 'You need the right to get and create pods/portforward'],
  ])('%s is told which', async (name, rules, sentence) => {
    const source = await sourceOf(name, rules);
    const told = await runVerb((context) => get(context, { ...source, watch: false }));
    expect(told.error).toMatchObject({ code: 'PLATFORM_REFUSED' });
    expect(told.all).toContain(sentence);
    const { kubeconfig } = source;
    const { signal } = new AbortController();
    const check = await checkLog({ kubeconfig, namespace: namespace.name, signal });
    expect(check).toMatchObject({ part: 'NATS', ok: false, needed: false });
  });
});
