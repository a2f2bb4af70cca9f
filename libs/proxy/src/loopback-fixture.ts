/**
 * Test support: real servers and raw clients on 127.0.0.1, and waits on conditions with a limit.
 */

import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Balancer, type BalancerOptions, createBalancer } from './balancer.ts';
import { createHoldingBudget } from './holding-budget.ts';
import { createHoldingQueue, type HoldEnd, type HoldingQueue } from './holding-queue.ts';
import type { ProxyHooks } from './proxy-core.ts';
import type { HeldRequest } from './proxy-request.ts';
import { createProxyServer, type ProxyServer, type ProxyServerOptions } from './proxy-server.ts';
import type { ForwardTarget } from './route.ts';

/** Longest wait for a condition; only a failing test waits that long. */
const waitMsMax = 4_000;

export const until = async (what: string, condition: () => boolean): Promise<void> => {
  const endMs = performance.now() + waitMsMax;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`Waited ${waitMsMax} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** An HTTP server as a pod would run it. */
export const startPod = async (
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  port = 0,
) => {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(stop);
  return { server, port: (server.address() as AddressInfo).port, stop };
};

/** A TCP server that does to each connection what the test says. */
export const startTcp = async (onConnection: (socket: Socket) => void) => {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { server, sockets, port: (server.address() as AddressInfo).port };
};

/** A port on which nothing listens now. */
export const freePort = async (): Promise<number> => {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

export interface Gate extends ForwardTarget {
  readonly pods: Balancer;
  readonly holding: HoldingQueue<HeldRequest> | null;
}

export interface GateOptions {
  /** Ports of pods on 127.0.0.1. */
  readonly ports?: readonly number[];
  /** True: the pods are probed first. Default: they are taken to be reachable. */
  readonly probe?: boolean;
  readonly holding?: {
    requestsMax?: number;
    holdMsMax?: number;
    bytesMax?: number;
    onHeld?: (request: HeldRequest) => void;
  };
  readonly balancer?: BalancerOptions;
  readonly target?: Partial<ForwardTarget>;
  readonly server?: Partial<ProxyServerOptions<Gate>>;
  readonly hooks?: ProxyHooks<Gate>;
}

/** A proxy in front of the given ports, with everything it reports written down. */
export const startGate = async (options: GateOptions) => {
  const pods = createBalancer(options.balancer ?? {});
  const holds: HoldEnd[] = [];
  const ends: string[] = [];
  const wanted = options.holding;
  const holding =
    wanted === undefined
      ? null
      : createHoldingQueue<HeldRequest>({
          acquire: () => pods.acquire(),
          requestsMax: wanted.requestsMax ?? 100,
          holdMsMax: wanted.holdMsMax ?? 4_000,
          budget: createHoldingBudget({ requestsMax: 100, bytesMax: wanted.bytesMax ?? 1e7 }),
          onHeld: (request) => wanted.onHeld?.(request),
          onEnded: (_item, end) => holds.push(end),
        });
  if (holding !== null) pods.attach(holding);
  const target: Gate = { ...options.target, kind: 'target', pods, holding };
  const server: ProxyServer = createProxyServer<Gate>({
    route: () => target,
    ...options.server,
    hooks: {
      ...options.hooks,
      onEnd: (...end) => {
        ends.push(`${end[2]} ${end[3]}`);
        options.hooks?.onEnd?.(...end);
      },
    },
  });
  (options.ports ?? []).forEach((port, at) => {
    const reachable = options.probe !== true;
    pods.add({ id: `pod-${at}`, host: '127.0.0.1', port, reachable });
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    holding?.shedAll();
    await server.drain({ graceMs: 0 });
    pods.close();
  });
  return { server, port, pods, holding, target, ends, holds };
};

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: Buffer;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: readonly (string | Buffer)[];
}

/** One request by node's client, on a connection of its own. */
export const ask = (port: number, path: string, options: Ask = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body = [] } = options;
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          trailers: response.trailers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    for (const chunk of body) outgoing.write(chunk);
    outgoing.end();
  });

/** A client that writes bytes and keeps what comes back as latin1 text. */
export const rawClient = async (port: number) => {
  const socket = connect(port, '127.0.0.1');
  const seen = { text: '', closed: false };
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    seen.text += text;
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    seen.closed = true;
  });
  onTestFinished(() => {
    socket.destroy();
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, seen };
};

/** Sends bytes on a new connection and gives back everything until the proxy closes it. */
export const sendRaw = async (port: number, bytes: string): Promise<string> => {
  const { socket, seen } = await rawClient(port);
  socket.write(bytes, 'latin1');
  await until('the proxy closes the connection', () => seen.closed);
  return seen.text;
};
