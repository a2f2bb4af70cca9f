/** The port at which the kubelet and the collector ask. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Counts, exposition } from './exposition.ts';

export interface HealthAnswers {
  readonly ready: () => boolean;
  readonly counts: () => Counts;
  /** Resolves when nothing is in flight any more, or when nobody asked the queue-proxy to end. */
  readonly drained: () => Promise<'drained' | 'going on'>;
}

const reply = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  response.end(text);
};

/** What can be asked, by path. */
const pages = {
  '/metrics': (response: ServerResponse, { counts }: HealthAnswers) =>
    reply(response, 200, exposition(counts())),
  '/healthz': (response: ServerResponse) => reply(response, 200, 'ok\n'),
  '/readyz': (response: ServerResponse, { ready }: HealthAnswers) =>
    ready() ? reply(response, 200, 'ok\n') : reply(response, 503, 'the pod is not ready\n'),
  // Of the app's preStop hook: the app must not be told to end while requests come through here.
  '/wait-for-drain': (response: ServerResponse, { drained }: HealthAnswers) =>
    void drained().then((outcome) => reply(response, 200, `${outcome}\n`)),
};

export const createHealth = (answers: HealthAnswers): Server =>
  createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    if (Object.hasOwn(pages, path)) return pages[path as keyof typeof pages](response, answers);
    return reply(response, 404, `Here are ${Object.keys(pages).join(', ')}.\n`);
  });

/** Starts to listen; rejects with node's error when it cannot. */
export const listen = (server: Server, host: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      resolve(`http://${host}:${(server.address() as AddressInfo).port}`);
    });
  });

/** Time in which answers that have just been written may leave. */
const leaveMs = 100;

export const closeHealth = (health: Server): Promise<void> =>
  new Promise((resolve) => {
    health.close(() => resolve());
    health.closeIdleConnections();
    setTimeout(() => health.closeAllConnections(), leaveMs).unref();
  });
