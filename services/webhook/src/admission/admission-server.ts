/** The HTTPS port of the API server's questions. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type AdmissionRequest, readReview, reviewOf, type Verdict } from './review.ts';

/** The largest object that etcd takes has 1.5 MB; a review may hold two. */
const bodyBytesMax = 8 * 1_024 * 1_024;
/** The API server waits no longer than 30 s. */
const requestTimeoutMs = 30_000;
const connectionsMax = 1_024;
/**
 * Above the 90 s after which the API server closes an idle connection. If we closed it first, a
 * question on its way would fail and not be asked again: a pod without its queue-proxy.
 */
const keepAliveTimeoutMs = 120_000;
/** At the end: time for answers that are under way. */
const answersEndMs = 1_000;

export interface ServedCertificate {
  readonly key: string;
  /** With its authority's behind it. */
  readonly certificate: string;
}

export type Judge = (request: AdmissionRequest) => Promise<Verdict>;

export interface AdmissionServer {
  readonly port: number;
  /** New connections are served with this from now on. */
  setCertificate(certificate: ServedCertificate): void;
  close(): Promise<void>;
}

export interface AdmissionServerOptions {
  readonly host: string;
  readonly port: number;
  readonly certificate: ServedCertificate;
  /** By path. */
  readonly judges: Readonly<Record<string, Judge>>;
  /** Told of each question; `refused` where there was no review to judge. */
  readonly onAsked: (path: string, outcome: 'allowed' | 'denied' | 'refused') => void;
}

class TooLarge extends Error {}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new TooLarge(`more than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const reply = (response: ServerResponse, status: number, body: string | object): void => {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' });
  response.end(isText ? `${body}\n` : JSON.stringify(body));
};

const answer = async (
  { judges, onAsked }: AdmissionServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const path = (request.url ?? '').replace(/\?.*$/, '');
  const judge = Object.hasOwn(judges, path) ? judges[path] : undefined;
  if (judge === undefined || request.method !== 'POST') {
    const all = Object.keys(judges).join(' and ');
    return reply(response, judge === undefined ? 404 : 405, `Reviews are POSTed to ${all}.`);
  }
  const read = readReview(await bodyOf(request));
  if (!read.ok) {
    onAsked(path, 'refused');
    return reply(response, 400, `This is no AdmissionReview of v1: ${read.reason}`);
  }
  const verdict = await judge(read.request);
  onAsked(path, verdict.allowed ? 'allowed' : 'denied');
  return reply(response, 200, reviewOf(read.request.uid, verdict));
};

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => resolve());
  });

const tlsOf = ({ key, certificate }: ServedCertificate) => ({
  key,
  cert: certificate,
  minVersion: 'TLSv1.2' as const,
});

/** Listens; rejects with node's error when it cannot. */
export const startAdmissionServer = async (
  options: AdmissionServerOptions,
): Promise<AdmissionServer> => {
  const server = createServer({
    ...tlsOf(options.certificate),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
  });
  server.maxConnections = connectionsMax;
  server.on('request', (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      options.onAsked(request.url ?? '', 'refused');
      const tooLarge = error instanceof TooLarge;
      const why = error instanceof Error ? error.message : String(error);
      if (!response.headersSent) reply(response, tooLarge ? 413 : 500, why);
      request.destroy();
    });
  });
  // A client that does not trust the certificate, or speaks no TLS: it will say so itself.
  server.on('tlsClientError', () => undefined);
  await listen(server, options.host, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    setCertificate: (certificate) => server.setSecureContext(tlsOf(certificate)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), answersEndMs).unref();
      }),
  };
};
