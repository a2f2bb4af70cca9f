/** What routing costs the API server when many workloads of one namespace are routed at once. */
import type { V1Service } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ClusterAccess, connectCluster } from '../cluster-access.ts';
import {
  type AnsweringServer,
  type SaidAnswer,
  type SentCall,
  startAnsweringServer,
} from '../testing/answering-server.ts';
import { createRouter, type Router } from './router.ts';
import { serviceWith } from './testing/routed-objects.ts';

const services = '/api/v1/namespaces/default/services';
let server: AnsweringServer;
let access: ClusterAccess;
let router: Router;
/** What listings of Services are answered with, one after the other; the last one stays. */
let listings: (SaidAnswer | Promise<SaidAnswer>)[];

const isListing = ({ method, path }: SentCall): boolean =>
  method === 'GET' && path.split('?')[0] === services;
const listed = () => server.calls.filter(isListing).map(({ path }) => path.split('?')[1] ?? '');
const patched = () =>
  server.calls.filter(({ method }) => method === 'PATCH').map(({ path }) => path.split('?')[0]);

const serviceOf = (deployment: string): V1Service => {
  const service = serviceWith({ annotations: { 'flyball.dev/deployment': deployment } });
  return { ...service, metadata: { ...service.metadata, name: `of-${deployment}` } };
};

beforeEach(async () => {
  listings = [];
  server = await startAnsweringServer((call) => {
    if (isListing(call)) {
      return (listings.length > 1 ? listings.shift() : listings[0]) ?? { body: { items: [] } };
    }
    // A patch answers what is there then.
    const deployment = /of-(\w+)\?/.exec(call.path)?.[1];
    return { body: deployment === undefined ? { items: [] } : serviceOf(deployment) };
  });
  access = connectCluster({ kubeconfig: server.kubeconfig, namespaces: [] });
  const sources = { pods: () => [], activators: () => [] };
  router = createRouter({ access, sources, fieldManager: 'test' });
});

afterEach(async () => {
  await access.close();
  await server[Symbol.asyncDispose]();
});

it('lists the Services of a namespace for all who wait for it, and not for each', async () => {
  // Given forty workloads of a namespace, of which each has a public Service,
  const names = Array.from({ length: 40 }, (_, at) => `w${at}`);
  listings = [{ body: { items: names.map(serviceOf) } }];
  // When all are routed at once,
  await Promise.all(names.map((name) => router.route(`default/${name}`, 'pods')));
  // Then the first has a listing, all others share the next one, and all are routed.
  expect(listed()).toHaveLength(2);
  expect(patched().sort()).toEqual(names.map((name) => `${services}/of-${name}`).sort());
  // And whoever comes later has one of its own.
  await router.route('default/w0', 'pods');
  expect(listed()).toHaveLength(3);
});

it('goes by no listing that began before it was asked', async () => {
  // Given a listing under way that does not have the Service yet,
  const begun = Promise.withResolvers<SaidAnswer>();
  listings = [begun.promise, { body: { items: [serviceOf('late')] } }];
  const first = router.route('default/other', 'pods');
  await expect.poll(listed).toHaveLength(1);
  // When its workload is routed meanwhile,
  const second = router.route('default/late', 'pods');
  begun.resolve({ body: { items: [] } });
  await Promise.all([first, second]);
  // Then it is found by another listing.
  expect(patched()).toEqual([`${services}/of-late`]);
});

it('lists again after a listing that failed, which only its own callers are told of', async () => {
  const begun = Promise.withResolvers<SaidAnswer>();
  listings = [begun.promise, { body: { items: [serviceOf('web')] } }];
  const first = router.route('default/other', 'pods');
  await expect.poll(listed).toHaveLength(1);
  const second = router.route('default/web', 'pods');
  begun.resolve({ status: 500, body: { message: 'broken' } });
  await expect(first).rejects.toMatchObject({ code: 'PLATFORM_UNREACHABLE' });
  await second;
  expect(patched()).toEqual([`${services}/of-web`]);
});

it('says that a Service without a port for requests cannot be led; writes nothing', async () => {
  const { metadata, spec } = serviceOf('tls');
  const ports = [{ name: 'https', port: 443, targetPort: 8443 }];
  listings = [{ body: { items: [{ metadata, spec: { ...spec, ports } }] } }];
  const why = { code: 'PLATFORM_REFUSED', message: expect.stringContaining('without TLS') };
  await expect(router.route('default/tls', 'activator')).rejects.toMatchObject(why);
  expect(patched()).toEqual([]);
  await router.route('default/tls', 'pods');
  expect(patched()).toEqual([`${services}/of-tls`]);
});

it.each([
  ['a selector', { selector: { app: 'web' } }],
  ['headless', { clusterIP: 'None' }],
])(
  'says that one which Kubernetes leads itself cannot be led; writes nothing: %s',
  async (word, kept) => {
    // Given a Service that names its Deployment, and that no slices of ours can serve,
    const { metadata, spec } = serviceOf('web');
    listings = [{ body: { items: [{ metadata, spec: { ...spec, ...kept } }] } }];
    // When it is to be led to the activators, then nobody may take it for led: zero would follow.
    const why = { code: 'PLATFORM_REFUSED', message: expect.stringContaining(word) };
    await expect(router.route('default/web', 'activator')).rejects.toMatchObject(why);
    // And to the pods it leads anyway.
    await router.route('default/web', 'pods');
    expect(patched()).toEqual([]);
  },
);

it.each([
  ['before', ['a-tls', 'web']],
  ['after', ['web', 'z-tls']],
])(
  'leads none of two where one cannot be led, be that one listed %s the other',
  async (_, names) => {
    const { metadata, spec } = serviceOf('web');
    const tls = { ...spec, ports: [{ name: 'https', port: 443, targetPort: 8443 }] };
    const items = names.map((name) => ({
      metadata: { ...metadata, name },
      spec: name === 'web' ? spec : tls,
    }));
    listings = [{ body: { items } }];
    const why = {
      code: 'PLATFORM_REFUSED',
      message: expect.stringContaining('-tls has no TCP port'),
    };
    await expect(router.route('default/web', 'activator')).rejects.toMatchObject(why);
    expect(patched()).toEqual([]);
  },
);

it('lists in pages', async () => {
  const next = { metadata: { continue: 'more' }, items: [serviceOf('one')] };
  listings = [{ body: next }, { body: { items: [serviceOf('two')] } }];
  await router.route('default/two', 'pods');
  expect(listed()).toEqual(['limit=500', 'limit=500&continue=more']);
  expect(patched()).toEqual([`${services}/of-two`]);
});
