/** What routing asks the API server for: no more than it can need. */
import { type ClusterAccess, createObjectCache } from '@flyball/platform/kubernetes';
import { expect, it } from 'vitest';
import { createRoutingSight } from './routing-sight.ts';

it('of pods it asks for those of Deployments that have not ended', async () => {
  const asked: URL[] = [];
  const never = () => Promise.withResolvers<never>().promise;
  const access: ClusterAccess = {
    namespaces: [],
    api: () => {
      throw new Error('nobody asks by it');
    },
    request: ({ path }) => {
      asked.push(new URL(path, 'http://cluster'));
      return never();
    },
    open: never,
    close: async () => undefined,
  };
  const services = createObjectCache({
    access,
    what: { path: '/api/v1/services' },
    trim: (one) => one,
  });
  const activatorService = 'flyball-system/activator';
  const managed = { onChange: () => () => undefined };
  const sight = createRoutingSight({ access, services, activatorService, managed });
  void sight.follow(new AbortController().signal);
  await expect.poll(() => asked.length).toBe(4);
  const [pods] = asked.filter(({ pathname }) => pathname === '/api/v1/pods');
  expect(Object.fromEntries(pods?.searchParams ?? [])).toMatchObject({
    labelSelector: 'pod-template-hash',
    fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
  });
});
