/** Real pods and clients on the loopback. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { host } from './traced-activator.ts';

type Headers = Readonly<Record<string, string>>;

export interface StartedPod {
  readonly port: number;
  /** The headers of each request, in order. */
  readonly seen: readonly IncomingHttpHeaders[];
  stop(): Promise<void>;
}

const answerOk = (response: ServerResponse): void => void response.end('ok');

/** A pod that answers as it is told; `ok` unless told otherwise. */
export const startPod = async (answer = answerOk, port = 0): Promise<StartedPod> => {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer(({ headers }, response) => {
    seen.push(headers);
    answer(response);
  });
  server.on('upgrade', ({ headers }, socket) => {
    seen.push(headers);
    socket.on('error', () => socket.destroy());
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n',
    );
    socket.end('bye');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  onTestFinished(stop);
  return { seen, stop, port: (server.address() as AddressInfo).port };
};

/** One that speaks HTTP/2 by prior knowledge. */
export const startHttp2Pod = async (): Promise<Omit<StartedPod, 'stop'>> => {
  const seen: IncomingHttpHeaders[] = [];
  const server = createHttp2Server();
  server.on('stream', (stream, headers) => {
    seen.push(headers);
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200 });
    stream.end('ok');
  });
  server.on('session', (session) => void onTestFinished(() => session.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { seen, port: (server.address() as AddressInfo).port };
};

export interface Asked {
  /** Rejects when it is broken off. */
  readonly status: Promise<number>;
  leave(): void;
}

/** A request over HTTP/1.1 on a connection of its own. */
export const ask = (port: number, path: string, headers: Headers = {}, method = 'GET'): Asked => {
  const asked = request({ host: '127.0.0.1', port, path, method, headers: { host, ...headers } });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  asked.on('error', reject);
  asked.on('response', (response) => {
    response.resume();
    response.on('end', () => resolve(response.statusCode ?? 0));
  });
  asked.on('upgrade', (response, socket) => {
    socket.resume();
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(response.statusCode ?? 0));
  });
  asked.end();
  // Whoever leaves does not ask how it ended.
  promise.catch(() => undefined);
  return { status: promise, leave: () => void asked.destroy() };
};

/** The same over HTTP/2. */
export const askHttp2 = (port: number, path: string, headers: Headers = {}): Asked => {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': path, ':authority': host, ...headers });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let status = 0;
  stream.on('response', (response) => {
    status = response[':status'] ?? 0;
  });
  stream.on('error', reject);
  stream.resume();
  stream.on('end', () => resolve(status));
  promise.catch(() => undefined);
  return { status: promise, leave: () => stream.close() };
};
