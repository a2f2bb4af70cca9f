/** The HTTP server with its limits: who is answered, how much it takes, and how errors are told. */
import { OutsideError } from '@flyball/contracts';
import type { Life } from '@flyball/service';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { guardHeaders, refusedHost } from './guard.ts';
import { isRefusal, type Refusal, refusalHeaders, refusalOf, refused } from './refusal.ts';

/** Of a browser that only looks, and of the services' spans (a few hundred a batch). */
const bodyBytesMax = 4_194_304;
const headerBytesMax = 16_384;
const requestMsMax = 30_000;
const connectionsMax = 1_024;
/** The longest part of an address that is taken: the longest name of a workload. */
const pathPartMax = 253;

/** Sends what a route found, or why it did not. */
export const answer = (reply: FastifyReply, found: object): FastifyReply => {
  if (!isRefusal(found)) return reply.send(found);
  const { status, error } = found;
  return reply.code(status).headers(refusalHeaders(found)).send({ error });
};

const bug: Refusal = refused('BUG', 'A mistake of the console; its log says more.');

/** Nobody who asks by another name is told anything, and nobody may do more with it than we say. */
const refuseOthers =
  (hosts: readonly string[]) =>
  (request: FastifyRequest, reply: FastifyReply): Refusal | undefined => {
    reply.headers(guardHeaders);
    return refusedHost(request.headers.host, hosts);
  };

/** Answers nobody by a name that is not its own, and every error as JSON. */
export const createServer = (hosts: readonly string[], logger: Life['logger']): FastifyInstance => {
  const refuseOther = refuseOthers(hosts);
  const server = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: bodyBytesMax,
    requestTimeout: requestMsMax,
    exposeHeadRoutes: false,
    http: { maxHeaderSize: headerBytesMax },
    routerOptions: { maxParamLength: pathPartMax },
    // Addresses that cannot be read: they come before the hooks.
    frameworkErrors: (error, request, reply) =>
      void answer(reply, refuseOther(request, reply) ?? refusalOf(error) ?? bug),
  });
  server.server.maxConnections = connectionsMax;
  server.addHook('onRequest', async (request, reply) => {
    const refusal = refuseOther(request, reply);
    if (refusal !== undefined) return answer(reply, refusal);
    return undefined;
  });
  server.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal === undefined) logger.error({ err: error, url: request.url }, 'a bug: no answer');
    return answer(reply, refusal ?? bug);
  });
  server.setNotFoundHandler((request, reply) => {
    const asked = `${request.method} ${request.url}`;
    return answer(reply, refused('UNKNOWN_ADDRESS', `There is no ${asked} here.`));
  });
  return server;
};

/** Listens, and gives its URL. Rejects with PORT_IN_USE. */
export const listen = async (
  server: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> => {
  try {
    // Without a host Node takes every address, also where a machine has no IPv6.
    await server.listen({ host: host === '::' ? '' : host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
    throw new OutsideError(
      'PORT_IN_USE',
      `The console cannot listen on ${host}:${port} (${code}). Set FLYBALL_CONSOLE_PORT to ` +
        'another port, or to 0 for a free one.',
      { retriable: false, cause: error },
    );
  }
  const address = server.server.address();
  const taken = address !== null && typeof address === 'object' ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
};
