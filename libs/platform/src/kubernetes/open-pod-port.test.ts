/** A pod's port through an API server: bytes both ways, its end, and what refuses it. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPodPort } from './open-pod-port.ts';
import { startPodPortServer } from './testing/pod-port-server.ts';
import { writeTestKubeconfig } from './testing/test-kubeconfig.ts';

const manyBytes = 3_000_000;
const at = { namespace: 'system', pod: 'nats-0', port: 4222 };

let echo: Server;
let target: { readonly port: number };

/** One on which nobody listens any more. */
const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

beforeAll(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    // A line in, everything out; then the pod ends it.
    socket.once('data', (line) => {
      if (String(line) === 'much\n') socket.end(Buffer.alloc(manyBytes, 7));
      else socket.end(`you said ${line}`);
    });
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  target = { port: (echo.address() as AddressInfo).port };
});

afterAll(() => void echo.close());

describe.each(['v4.channel.k8s.io', 'v5.channel.k8s.io'] as const)('by %s', (protocol) => {
  it('carries what is said both ways, and ends with the pod', async () => {
    await using server = await startPodPortServer({ target: () => target, protocol });
    const stream = await openPodPort({ kubeconfig: server.kubeconfig }, at);
    stream.write('hello\n');
    expect(await text(stream)).toBe('you said hello\n');
    expect(server.opened).toEqual(['nats-0']);
  });

  it('waits for whoever reads slowly', async () => {
    await using server = await startPodPortServer({ target: () => target, protocol });
    const stream = await openPodPort({ kubeconfig: server.kubeconfig }, at);
    stream.write('much\n');
    await once(stream, 'readable');
    expect(stream.readableLength).toBeLessThan(manyBytes);
    const all = await buffer(stream);
    expect(all.equals(Buffer.alloc(manyBytes, 7))).toBe(true);
  });
});

describe('what cannot be forwarded', () => {
  it.each([
    [403, 'PLATFORM_REFUSED'],
    [404, 'PLATFORM_GONE'],
    [503, 'PLATFORM_UNREACHABLE'],
  ])('%i is %s, in the words of the server', async (status, code) => {
    await using server = await startPodPortServer({ target: () => status });
    await expect(openPodPort({ kubeconfig: server.kubeconfig }, at)).rejects.toMatchObject({
      ...{ code, status },
      message: expect.stringContaining(`refused with ${status} by the test`),
    });
  });

  it('is told where nothing listens in the pod', async () => {
    const port = await closedPort();
    await using server = await startPodPortServer({ target: () => ({ port }) });
    const stream = await openPodPort({ kubeconfig: server.kubeconfig }, at);
    await expect(text(stream)).rejects.toMatchObject({
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('is told where no API server answers', async () => {
    const { path: kubeconfig, remove } = await writeTestKubeconfig(await closedPort());
    await expect(openPodPort({ kubeconfig }, at)).rejects.toMatchObject({
      code: 'PLATFORM_UNREACHABLE',
    });
    remove();
  });

  it('names the contexts that there are', async () => {
    await using server = await startPodPortServer({ target: () => target });
    const { kubeconfig } = server;
    await expect(openPodPort({ kubeconfig, context: 'prod' }, at)).rejects.toMatchObject({
      ...{ code: 'FILE_UNREADABLE', message: expect.stringMatching(/no context prod, but test/) },
    });
  });
});
