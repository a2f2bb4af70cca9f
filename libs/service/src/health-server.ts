/** The small HTTP server that tells whether a service lives, is ready, and what it counts. */
import { OutsideError } from '@flyball/contracts';
import { fastify } from 'fastify';
import type { Registry } from 'prom-client';
import type { Readiness } from './readiness.ts';

export interface HealthServerOptions {
  readonly service: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly readiness: Readiness;
  readonly metrics: Registry;
}

export interface HealthServer {
  /** `http://127.0.0.1:40123`. */
  readonly url: string;
  close(): Promise<void>;
}

const listenError = (error: unknown, { host, port }: HealthServerOptions): unknown => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return error;
  return new OutsideError(
    'PORT_IN_USE',
    `The health server cannot listen on ${host}:${port} (${code}). Set FLYBALL_HEALTH_PORT to ` +
      'another port, or to 0 for a free one.',
    { retriable: false, cause: error },
  );
};

/** Starts /healthz (200 while the process turns), /readyz (503 with reasons) and /metrics. */
export const startHealthServer = async (options: HealthServerOptions): Promise<HealthServer> => {
  const { service, readiness, metrics } = options;
  const server = fastify({ logger: false, forceCloseConnections: true });
  server.get('/healthz', async () => ({ service, alive: true }));
  server.get('/readyz', async (_request, reply) => {
    const ready = readiness.ready();
    return reply.code(ready ? 200 : 503).send({ service, ready, conditions: readiness.states() });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.metrics()),
  );
  try {
    await server.listen({ host: options.host, port: options.port });
  } catch (error) {
    throw listenError(error, options);
  }
  const address = server.server.address();
  const port = address !== null && typeof address === 'object' ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, close: () => server.close() };
};
