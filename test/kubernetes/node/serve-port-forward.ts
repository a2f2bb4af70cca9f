/** Ports of this node's pods, as an API server asks a node for them: `kubectl port-forward`. */
import 'reflect-metadata';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import { type WebSocket, WebSocketServer } from 'ws';

/** Streams are told apart by the first byte of a frame. */
const protocol = 'v4.channel.k8s.io';
const [dataChannel, errorChannel] = [0, 1];
const dayMs = 86_400_000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** API servers believe every node that they were not told whom to believe about. */
const ownCertificate = async () => {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...{ name: 'CN=flyball-test-node', keys, signingAlgorithm: algorithm },
    ...{ notBefore: new Date(), notAfter: new Date(Date.now() + dayMs), serialNumber: '01' },
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: certificate.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') };
};

/** Each stream begins with the port's number, lowest byte first. */
const forward = (socket: WebSocket, address: string, port: number): void => {
  const send = (channel: number, data: Buffer) => {
    if (socket.readyState === socket.OPEN) socket.send(Buffer.concat([Buffer.of(channel), data]));
  };
  for (const channel of [dataChannel, errorChannel]) {
    send(channel, Buffer.of(port & 0xff, port >> 8));
  }
  const target = connect(port, address);
  target.on('data', (data) => send(dataChannel, data));
  target.on('error', (error) => send(errorChannel, Buffer.from(error.message)));
  target.once('close', () => socket.close());
  socket.on('message', (data) => target.write((data as Buffer).subarray(1)));
  socket.once('close', () => target.destroy());
};

const pathPattern = /^\/portForward\/([^/]+)\/([^/?]+)\?port=(\d+)$/;

export interface PortForwardPlace {
  /** Of the node. */
  readonly host: string;
  /** Of a pod; rejects where there is none. */
  readonly addressOf: (namespace: string, pod: string) => Promise<string>;
}

/** Listens until the process ends; resolves with the port that the Node has to name. */
export const servePortForward = async ({ host, addressOf }: PortForwardPlace): Promise<number> => {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => offered.has(protocol) && protocol,
  });
  const server = createServer(await ownCertificate(), (_, response) => {
    response.writeHead(404).end('This node forwards ports, and nothing else.');
  });
  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const [, namespace = '', pod = '', port] = pathPattern.exec(request.url ?? '') ?? [];
    const address = await addressOf(namespace, pod);
    sockets.handleUpgrade(request, socket, head, (one) => forward(one, address, Number(port)));
  };
  server.on('upgrade', (request, socket, head) => {
    upgrade(request, socket, head).catch(() => {
      socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    });
  });
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
};
