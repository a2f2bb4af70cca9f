/** What a pod is told of how its client came: by the client's word only where that is trusted. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBalancer } from '@flyball/proxy';
import { expect, onTestFinished, test } from 'vitest';
import { createGateway } from './gateway.ts';
import type { RequestHooks } from './request-hooks.ts';
import type { Upstream } from './upstream.ts';

const hooks: RequestHooks = {
  onStart: () => undefined,
  onSent: () => null,
  onFirstByte: () => undefined,
  onEnd: () => undefined,
};

/** A pod that keeps the headers it was sent. */
const startPod = async () => {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((incoming, response) => {
    seen.push(incoming.headers);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { seen, port: (server.address() as AddressInfo).port };
};

const startGateway = async (podPort: number, trustForwarded: boolean): Promise<number> => {
  const pods = createBalancer({});
  pods.add({ id: 'pod', host: '127.0.0.1', port: podPort, reachable: true });
  // The server asks no more of it; what it counts is the business of the hooks.
  const upstream = { kind: 'target', pods, holding: null } as unknown as Upstream;
  const gateway = createGateway({
    ...{ domain: 'example.com', limits: {}, hooks, trustForwarded },
    workloadOf: () => 'default/web',
    upstreamOf: () => upstream,
  });
  const { port } = await gateway.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await gateway.drain({ graceMs: 0 });
    pods.close();
  });
  return port;
};

test.each([
  ['behind an ingress that ended TLS, as the ingress says', true, 'https', 'shop.example.com'],
  ['at the edge, as it came here', false, 'http', 'web.default.example.com'],
])('%s', async (_where, trust, proto, forwardedHost) => {
  const pod = await startPod();
  const port = await startGateway(pod.port, trust);
  const asked = request({
    ...{ host: '127.0.0.1', port, agent: false },
    headers: {
      host: 'web.default.example.com',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example.com',
      'x-forwarded-for': '192.0.2.1',
    },
  }).end();
  const [response] = await once(asked, 'response');
  expect(response.resume().statusCode).toBe(200);
  expect(pod.seen[0]).toMatchObject({
    host: 'web.default.example.com',
    'x-forwarded-proto': proto,
    'x-forwarded-host': forwardedHost,
    'x-forwarded-for': '192.0.2.1, 127.0.0.1',
  });
});
