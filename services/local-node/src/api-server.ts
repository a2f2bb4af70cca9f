/** The node's HTTP API on loopback: objects, /scale, routing, the ConfigMap, list and watch. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { OutsideError, type WorkloadKey } from '@flyball/contracts';
import { workloadManifestSchema } from '@flyball/knative';
import {
  applyQuerySchema,
  configDataSchema,
  goneRefusal,
  replicasMax,
  routingBodySchema,
  scaleBodySchema,
  seenOf,
  wirePaths,
} from '@flyball/platform';
import type { Clock } from '@flyball/service';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Logger } from 'pino';
import { BadRequest, parseInput, sendError, sendRefusal } from './http-errors.ts';
import type { Node } from './node/node.ts';
import { createWatchStreams, type WatchStreams, watchersMax } from './watch-stream.ts';

/** A manifest or a ConfigMap is never larger: Kubernetes' own limit for one is 1 MiB. */
const apiBodyBytesMax = 1_048_576;
/** A client must have sent its whole request within this time. */
const requestTimeoutMs = 10_000;
/** Who writes a scale without naming itself. */
const unnamedFieldManager = 'unknown';

export interface ApiServerOptions {
  readonly node: Node;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly token: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ApiServer {
  /** `http://127.0.0.1:7070`. */
  readonly url: string;
  readonly watchers: () => number;
  readonly close: () => Promise<void>;
}

type WorkloadParams = { Params: { namespace: string; name: string } };

const keyOf = ({ params }: FastifyRequest<WorkloadParams>): WorkloadKey =>
  `${params.namespace}/${params.name}`;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Every call needs the token; the comparison takes equally long whatever is given. */
const requireToken = (server: FastifyInstance, token: string): void => {
  const expected = digest(`Bearer ${token}`);
  server.addHook('onRequest', async (request) => {
    const given = digest(request.headers.authorization ?? '');
    if (timingSafeEqual(given, expected)) return;
    const allowed = 'the header `authorization: Bearer <FLYBALL_PLATFORM_TOKEN>`';
    throw new BadRequest('the token is missing or wrong', allowed, 401);
  });
};

const oneWorkload = '/v1/workloads/:namespace/:name';

const workloadRoutes = (server: FastifyInstance, { objects }: Node): void => {
  server.get(wirePaths.workloads, async () => ({ items: objects.list().map(seenOf) }));
  server.get<WorkloadParams>(oneWorkload, async (request, reply) => {
    const object = objects.get(keyOf(request));
    return object === undefined ? sendRefusal(reply, goneRefusal(keyOf(request))) : seenOf(object);
  });
  server.put<WorkloadParams>(oneWorkload, async (request) => {
    const { fieldManager } = parseInput(applyQuerySchema, request.query, '?fieldManager=NAME');
    const allowed = 'a workload manifest of kind Service or Deployment';
    const manifest = parseInput(workloadManifestSchema, request.body, allowed);
    const named = `${manifest.namespace}/${manifest.name}`;
    if (named !== keyOf(request)) {
      throw new BadRequest(`the manifest is of ${named}`, `a manifest of ${keyOf(request)}`);
    }
    if (manifest.command === undefined) {
      const message = `${named} has no command (image ${manifest.image ?? 'not given'})`;
      throw new BadRequest(message, 'a `command`, or a line for the image in the command table');
    }
    return seenOf(objects.apply(manifest, fieldManager ?? unnamedFieldManager));
  });
  server.delete<WorkloadParams>(oneWorkload, async (request, reply) => {
    const workload = keyOf(request);
    return objects.delete(workload) === undefined ? sendRefusal(reply, goneRefusal(workload)) : {};
  });
  server.patch<WorkloadParams>(`${oneWorkload}/scale`, async (request, reply) => {
    const allowed = `{ replicas: 0 to ${replicasMax}, resourceVersion?, fieldManager? }`;
    const body = parseInput(scaleBodySchema, request.body, allowed);
    const outcome = objects.scale({
      workload: keyOf(request),
      replicas: body.replicas,
      resourceVersion: body.resourceVersion,
      fieldManager: body.fieldManager ?? unnamedFieldManager,
    });
    if (!outcome.ok) return sendRefusal(reply, outcome);
    const { from, object } = outcome.value;
    return { from, resourceVersion: String(object.resourceVersion) };
  });
  server.put<WorkloadParams>(`${oneWorkload}/routing`, async (request, reply) => {
    const allowed = '{ routing: "activator" or "pods" }';
    const { routing } = parseInput(routingBodySchema, request.body, allowed);
    const outcome = objects.route(keyOf(request), routing);
    return outcome.ok ? {} : sendRefusal(reply, outcome);
  });
};

const otherRoutes = (server: FastifyInstance, node: Node, streams: WatchStreams): void => {
  const { objects, pods } = node;
  server.get(wirePaths.pods, async () => ({ items: pods.list() }));
  server.get(wirePaths.manifests, async () => ({
    items: objects.list().map(({ spec }) => spec.manifest),
  }));
  server.get(wirePaths.config, async (_request, reply) => {
    const config = objects.config();
    if (config !== undefined) return config;
    const message = 'there is no ConfigMap config-autoscaler';
    return sendRefusal(reply, { ok: false, code: 'PLATFORM_GONE', message, allowed: 'PUT it' });
  });
  server.put(wirePaths.config, async (request) => {
    objects.configure(parseInput(configDataSchema, request.body, 'a map of texts to texts'));
    return {};
  });
  server.delete(wirePaths.config, async () => {
    if (objects.config() !== undefined) objects.configure(undefined);
    return {};
  });
  server.get(wirePaths.watch, async (_request, reply: FastifyReply) => {
    if (streams.count() >= watchersMax) {
      throw new BadRequest('too many watches', `at most ${watchersMax} at once`, 429);
    }
    reply.hijack();
    streams.open(reply.raw);
  });
};

const listenError = (error: unknown, { host, port }: ApiServerOptions): unknown => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'].includes(code)) return error;
  const message =
    `the local-node cannot listen on ${host}:${port} (${code}); set FLYBALL_PLATFORM_URL to ` +
    'another port, or stop what listens there';
  return new OutsideError('PORT_IN_USE', message, { retriable: false, cause: error });
};

/** Listens; throws OutsideError PORT_IN_USE. */
export const startApiServer = async (options: ApiServerOptions): Promise<ApiServer> => {
  const { node, host, port, token, clock, logger } = options;
  const server = fastify({
    logger: false,
    bodyLimit: apiBodyBytesMax,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
  });
  const streams = createWatchStreams(node, clock);
  const onBug = (error: unknown): void => logger.error({ err: error }, 'a call failed: a bug');
  server.setErrorHandler(async (error, _request, reply) =>
    sendError(reply, error, { bodyBytesMax: apiBodyBytesMax, onBug }),
  );
  server.setNotFoundHandler(async ({ method, url }) => {
    throw new BadRequest(`there is no ${method} ${url}`, server.printRoutes(), 404);
  });
  requireToken(server, token);
  workloadRoutes(server, node);
  otherRoutes(server, node, streams);
  try {
    await server.listen({ host, port });
  } catch (error) {
    streams.close();
    throw listenError(error, options);
  }
  const address = server.server.address();
  const actual = address !== null && typeof address === 'object' ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    watchers: streams.count,
    close: async () => {
      streams.close();
      await server.close();
    },
  };
};
