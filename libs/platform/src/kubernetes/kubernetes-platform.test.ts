/** A platform that is asked before it has seen everything. */
import { expect, it, onTestFinished, vi } from 'vitest';
import type { ClusterAccess, ClusterCall } from './cluster-access.ts';
import { createKubernetesPlatform } from './kubernetes-platform.ts';

const options = {
  ...{ optIn: 'annotated' as const, ownNamespace: 'flyball-system', domain: 'example.com' },
  ...{ configNamespaces: [], activatorService: 'flyball-system/activator' },
  limits: { retryMinMs: 2, retryMaxMs: 10 },
};

const metadata = { namespace: 'shop', name: 'web', uid: 'd1', resourceVersion: '5' };
const deployment = { metadata, spec: { replicas: 1, selector: {}, template: {} } };
const shop = {
  metadata: { name: 'shop', uid: 'n1', labels: { 'flyball.dev/enabled': 'true' } },
};

const justPublic = {
  metadata: {
    ...{ namespace: 'shop', name: 'web', uid: 's1', resourceVersion: '10' },
    annotations: { 'flyball.dev/deployment': 'web' },
  },
  spec: { ports: [{ name: 'http', port: 80 }] },
};

const routedToPods = {
  ...justPublic,
  metadata: {
    ...justPublic.metadata,
    annotations: {
      'flyball.dev/deployment': 'web',
      'flyball.dev/routed-deployment': 'web',
      'flyball.dev/routing': 'pods',
    },
  },
};

/**
 * One Deployment, whose Namespace is told only once the gate is open; and a Service that the API
 * server has, and that no watch has shown yet.
 */
const slowCluster = () => {
  const gate = Promise.withResolvers<void>();
  const asked: string[] = [];
  let isLost = false;
  const losing = new AbortController();
  const assertSeen = (): void => {
    if (isLost) throw new Error('nobody answers');
  };
  const itemsOf = async (path: string): Promise<readonly object[]> => {
    if (path.startsWith('/api/v1/namespaces?')) {
      await gate.promise;
      return [shop];
    }
    if (path === '/api/v1/namespaces/shop/services?limit=500') return [justPublic];
    return path.startsWith('/apis/apps/v1/deployments?') ? [deployment] : [];
  };
  async function* silence(signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
    const ends = AbortSignal.any(signal === undefined ? [losing.signal] : [signal, losing.signal]);
    await new Promise<void>((resolve) => ends.addEventListener('abort', () => resolve()));
    yield Buffer.from('');
  }
  const access: ClusterAccess = {
    namespaces: [],
    api: () => {
      throw new Error('nobody asks by it');
    },
    request: async <Answer>({ path, method = 'GET' }: ClusterCall) => {
      asked.push(`${method} ${path}`);
      if (method === 'PATCH') return routedToPods as Answer;
      if (path.endsWith('/deployments/web')) return deployment as Answer;
      assertSeen();
      return { metadata: { resourceVersion: '9' }, items: await itemsOf(path) } as Answer;
    },
    open: async ({ path, signal }) => {
      asked.push(path);
      assertSeen();
      return Object.assign(silence(signal), { destroy: () => undefined });
    },
    close: async () => undefined,
  };
  const lose = (): void => {
    isLost = true;
    losing.abort();
  };
  return { access, asked, openGate: () => gate.resolve(), lose };
};

it('routes a Service that its own watch has not shown yet', async () => {
  const { access, asked, openGate } = slowCluster();
  openGate();
  const platform = createKubernetesPlatform({ ...options, access });
  await platform.route('shop/web', 'pods');
  expect(asked).toContainEqual(
    expect.stringContaining('PATCH /api/v1/namespaces/shop/services/web'),
  );
  await platform.close();
});

it('hangs nothing more on what runs until it is closed, call by call', async () => {
  const { access, openGate } = slowCluster();
  openGate();
  const platform = createKubernetesPlatform({ ...options, access });
  const caught = vi.spyOn(Promise.prototype, 'catch');
  onTestFinished(() => caught.mockRestore());
  for (const _ of ['once', 'twice']) await platform.route('shop/web', 'pods');
  const promises = caught.mock.contexts;
  expect(promises).not.toHaveLength(0);
  expect(new Set(promises).size).toBe(promises.length);
  await platform.close();
});

it('waits for the Namespaces before it says that a workload is not ours to route', async () => {
  const { access, asked, openGate } = slowCluster();
  const platform = createKubernetesPlatform({ ...options, access });
  const ending = new AbortController();
  const first = platform.watch(ending.signal)[Symbol.asyncIterator]().next();
  // The Deployments are listed, and followed.
  await expect.poll(() => asked).toContainEqual(expect.stringMatching(/deployments\?.*watch=true/));
  let outcome: unknown = 'waiting';
  const routing = platform.route('shop/web', 'pods').then(
    () => {
      outcome = 'routed';
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  await new Promise(setImmediate);
  expect(outcome).toBe('waiting');
  openGate();
  await routing;
  expect(outcome).toBe('routed');
  ending.abort();
  await first;
  await platform.close();
});

it('reads on while sight is lost that it had once', async () => {
  const { access, openGate, lose } = slowCluster();
  openGate();
  const platform = createKubernetesPlatform({ ...options, access });
  const web = { workload: 'shop/web', resourceVersion: '5' };
  expect(await platform.get('shop/web')).toMatchObject(web);
  const ending = new AbortController();
  lose();
  for await (const change of platform.watch(ending.signal)) if (change.kind === 'unseen') break;
  expect(await platform.get('shop/web')).toMatchObject(web);
  await platform.close();
});
