/**
 * An API server on loopback that forwards ports of pods as a kubelet does, and answers GETs as a
 * test says: the test node has no such endpoint.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { writeTestKubeconfig } from './test-kubeconfig.ts';

export interface PodPortServerOptions {
  /** The answer's JSON; undefined: 404. */
  readonly get?: (path: string) => { readonly status?: number; readonly body: unknown } | undefined;
  /** Where the pod's port really is; a number from 400 on: the request is refused so. */
  readonly target: (pod: string, port: number) => { readonly port: number } | number;
  /** What it speaks; v4 by default. */
  readonly protocol?: 'v4.channel.k8s.io' | 'v5.channel.k8s.io';
}

export interface PodPortServer extends AsyncDisposable {
  readonly kubeconfig: string;
  /** The pods that were connected to, in order. */
  readonly opened: readonly string[];
  /** Ends every connection to pods, as when they are gone. */
  breakOff(): void;
}

const pathPattern = /^\/api\/v1\/namespaces\/[^/]+\/pods\/([^/]+)\/portforward\?ports=(\d+)$/;

/** Each stream begins with the port's number, lowest byte first. */
const opening = (channel: number, port: number): Buffer =>
  Buffer.of(channel, port & 0xff, port >> 8);

const forward = (socket: WebSocket, podPort: number, targetPort: number): void => {
  for (const channel of [0, 1]) socket.send(opening(channel, podPort));
  const target = connect(targetPort, '127.0.0.1');
  target.on('data', (data) => socket.send(Buffer.concat([Buffer.of(0), data])));
  target.once('error', (error) =>
    socket.send(Buffer.concat([Buffer.of(1), Buffer.from(`${error}`)])),
  );
  target.once('close', () => {
    if (socket.protocol === 'v5.channel.k8s.io') socket.send(Buffer.of(255, 0));
    socket.close();
  });
  socket.on('message', (data) => target.write((data as Buffer).subarray(1)));
  socket.once('close', () => target.destroy());
};

const refuse = (socket: Duplex, status: number): void => {
  const body = JSON.stringify({ kind: 'Status', message: `refused with ${status} by the test` });
  const head = `HTTP/1.1 ${status} Refused\r\ncontent-length: ${body.length}\r\n`;
  socket.end(`${head}content-type: application/json\r\nconnection: close\r\n\r\n${body}`);
};

export const startPodPortServer = async (options: PodPortServerOptions): Promise<PodPortServer> => {
  const { get, target, protocol = 'v4.channel.k8s.io' } = options;
  const opened: string[] = [];
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => offered.has(protocol) && protocol,
  });
  const server = createServer((request, response) => {
    const found = get?.(request.url ?? '');
    const { status = 200, body } = found ?? { status: 404, body: { message: 'not found' } };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    const [, pod = '', port = ''] = pathPattern.exec(request.url ?? '') ?? [];
    const found = pod === '' ? 404 : target(pod, Number(port));
    if (typeof found === 'number') return refuse(socket, found);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      opened.push(pod);
      forward(webSocket, Number(port), found.port);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { path, remove } = await writeTestKubeconfig((server.address() as AddressInfo).port);
  const breakOff = (): void => {
    for (const socket of sockets.clients) socket.terminate();
  };
  return {
    ...{ kubeconfig: path, opened, breakOff },
    [Symbol.asyncDispose]: async () => {
      breakOff();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      remove();
    },
  };
};
