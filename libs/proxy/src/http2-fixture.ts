/** Test support: pods and clients that speak HTTP/2, and frames that no client would send. */

import {
  type ClientHttp2Session,
  type ClientSessionOptions,
  connect,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type GateOptions, startGate } from './loopback-fixture.ts';

export interface Http2Pod {
  readonly server: Http2Server;
  readonly port: number;
  /** Connections that were ever made to it. */
  readonly sessions: readonly ServerHttp2Session[];
  /** Flat headers of each request, in order. */
  readonly seen: readonly string[][];
}

/** A pod that speaks HTTP/2 by prior knowledge. */
export const startHttp2Pod = async (
  handler: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
  options: ServerOptions & { port?: number } = {},
): Promise<Http2Pod> => {
  const server = createServer(options);
  const sessions: ServerHttp2Session[] = [];
  const seen: string[][] = [];
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream, headers, _flags, raw) => {
    seen.push(raw);
    stream.on('error', () => undefined);
    handler(stream, headers);
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { server, sessions, seen, port: (server.address() as AddressInfo).port };
};

/** Answers with everything that the request's body says. */
export const echoStream = (stream: ServerHttp2Stream): void => {
  stream.respond({ ':status': 200 });
  stream.pipe(stream);
};

/** One connection to this port of 127.0.0.1. */
export const http2Session = (port: number, options: ClientSessionOptions = {}) => {
  const session = connect(`http://127.0.0.1:${port}`, options);
  session.on('error', () => undefined);
  onTestFinished(() => session.destroy());
  return session;
};

export interface Http2Answer {
  /** 0: it was reset before a response began. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** With which it was reset; 0 when it ended well. */
  readonly resetCode: number;
}

/** One request on the connection; resolves when its stream is closed. */
export const http2Ask = (
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string>> | readonly string[],
  body?: string | Buffer,
): Promise<Http2Answer> =>
  new Promise((resolve) => {
    const given = Array.isArray(headers) ? [...headers] : { ...headers };
    const stream = session.request(given, { endStream: body === undefined });
    const chunks: Buffer[] = [];
    let [answered, trailers]: IncomingHttpHeaders[] = [{}, {}];
    stream.on('response', (response) => {
      answered = response;
    });
    stream.on('trailers', (told) => {
      trailers = told;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => undefined);
    stream.on('close', () => {
      const status = Number(answered?.[':status'] ?? 0);
      const resetCode = stream.rstCode ?? 0;
      const whole = Buffer.concat(chunks);
      resolve({
        status,
        headers: answered ?? {},
        trailers: trailers ?? {},
        body: whole,
        resetCode,
      });
    });
    if (body !== undefined) stream.end(body);
  });

/** A gate in front of pods that speak HTTP/2. */
export const startHttp2Gate = async (ports: readonly number[], options: GateOptions = {}) => {
  const gate = await startGate(options);
  ports.forEach((port, at) => {
    const id = `h2c-${at}`;
    gate.pods.add({ id, host: '127.0.0.1', port, protocol: 'h2c', reachable: true });
  });
  return gate;
};

/** Flat headers by name; of repeated ones the last. */
export const pairsOf = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : [])),
  );
