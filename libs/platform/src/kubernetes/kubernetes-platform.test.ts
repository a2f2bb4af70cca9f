/** A platform that is asked before it has seen everything. */
import { expect, it, vi } from 'vitest';
import type { ClusterAccess } from './cluster-access.ts';
import { createKubernetesPlatform } from './kubernetes-platform.ts';

const metadata = { namespace: 'shop', name: 'web', uid: 'd1', resourceVersion: '5' };
const deployment = { metadata, spec: { replicas: 1, selector: {}, template: {} } };
const shop = {
  metadata: { name: 'shop', uid: 'n1', labels: { 'flyball.dev/enabled': 'true' } },
};

/** One Deployment, whose Namespace is told only once the gate is open. */
const slowCluster = () => {
  const gate = Promise.withResolvers<void>();
  const asked: string[] = [];
  const itemsOf = async (path: string): Promise<readonly object[]> => {
    if (path.startsWith('/api/v1/namespaces?')) {
      await gate.promise;
      return [shop];
    }
    return path.startsWith('/apis/apps/v1/deployments?') ? [deployment] : [];
  };
  async function* silence(signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
    yield Buffer.from('');
  }
  const access: ClusterAccess = {
    namespaces: [],
    api: () => {
      throw new Error('nobody asks by it');
    },
    request: async <Answer>({ path }: { readonly path: string }) => {
      asked.push(path);
      return { metadata: { resourceVersion: '9' }, items: await itemsOf(path) } as Answer;
    },
    open: async ({ path, signal }) => {
      asked.push(path);
      return Object.assign(silence(signal), { destroy: () => undefined });
    },
    close: async () => undefined,
  };
  return { access, asked, openGate: () => gate.resolve() };
};

it('waits for the Namespaces before it says that a workload is not ours to route', async () => {
  const { access, asked, openGate } = slowCluster();
  const platform = createKubernetesPlatform({
    ...{ access, optIn: 'annotated', ownNamespace: 'flyball-system', domain: 'example.com' },
    ...{ configNamespaces: [], activatorService: 'flyball-system/activator' },
  });
  const ending = new AbortController();
  const first = platform.watch(ending.signal)[Symbol.asyncIterator]().next();
  // The Deployments are listed, and followed.
  await vi.waitFor(() => {
    expect(asked).toContainEqual(expect.stringMatching(/deployments\?.*watch=true/));
  });
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
