/** The data port: node's strict HTTP/1.1 server in front, an Exchange for each request behind it. */

import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { answer, answerRaw, bodyToCome, isEnding } from './answer.ts';
import { Exchange } from './exchange.ts';
import { type ProxyLimits, withDefaultLimits } from './limits.ts';
import type { ProxyCore, ProxyHooks, ProxyRequest } from './proxy-core.ts';
import { createHeadReader } from './request-head.ts';
import type { UpgradeRequest } from './request-view.ts';
import { type ForwardTarget, type Refusal, refuse } from './route.ts';
import { createDrain, type DrainResult } from './server-drain.ts';

export interface ProxyServerOptions<T extends ForwardTarget> {
  /** Where a request goes. Called once per request, at once; it must not throw. */
  readonly route: (request: ProxyRequest) => T | Refusal;
  readonly limits?: Partial<ProxyLimits>;
  readonly hooks?: ProxyHooks<T>;
  /**
   * Name of the header by which an outer proxy tells an inner one that it has counted a request. A
   * copy that the client sent is never passed on.
   */
  readonly markHeader?: string;
  /** True for the outer proxy, which sets the mark; false (default) for the inner one, which reads it. */
  readonly setMark?: boolean;
  /**
   * True (default): X-Forwarded-Host and -Proto that the caller sent are kept, for a proxy behind an
   * ingress. False: they are overwritten, for a proxy that faces clients. X-Forwarded-For is always
   * appended to.
   */
  readonly trustForwarded?: boolean;
}

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface ProxyServer {
  /** Starts to listen; port 0 takes a free one. Rejects with node's error when it cannot. */
  listen(address: ListenAddress): Promise<ListenAddress>;
  /**
   * Stops accepting, lets what is in flight finish with `Connection: close`, and cuts what is left
   * after `graceMs`, upgraded connections included. The caller releases or sheds what it holds.
   */
  drain(options: { graceMs: number }): Promise<DrainResult>;
  /** Routed requests that have not ended, held and upgraded ones included. */
  readonly inFlight: number;
  /** Upgraded connections open now. */
  readonly upgraded: number;
}

const clientErrors: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The request has too many headers'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request headers took too long'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'The chunk extensions are too large'],
};

/** Answers what could not be parsed, unless an answer is on its way there already. */
const onClientError = (limits: ProxyLimits) => (error: Error, duplex: Duplex) => {
  const socket = duplex as Socket;
  const code = 'code' in error ? String(error.code) : '';
  // node's own default handler asks the same; there is no public way to know.
  const current = (socket as { _httpMessage?: ServerResponse })._httpMessage;
  if (code === 'ECONNRESET' || current?.headersSent === true) {
    socket.destroy();
    return;
  }
  const [status, text] = clientErrors[code] ?? ['400 Bad Request', 'The request is malformed'];
  const detail =
    code === 'HPE_HEADER_OVERFLOW'
      ? `; allowed are ${limits.headerCountMax} with ${limits.headerBytesMax} bytes in all.`
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? `; allowed are ${limits.headersTimeoutMs} ms.`
        : ` (${'reason' in error ? error.reason : code}).`;
  answerRaw(socket, status, text + detail, limits.discardMs);
};

/** Only a bodyless GET may leave HTTP, and not into HTTP/2, which such a connection would speak on. */
const mayUpgrade = (request: IncomingMessage): boolean => {
  const protocol = request.headers.upgrade?.toLowerCase() ?? '';
  return request.method === 'GET' && /^[\w/.-]+$/.test(protocol) && protocol !== 'h2c';
};

/** A response object for a connection that node has handed over after its Upgrade request. */
const responseOn = (request: IncomingMessage, socket: Socket): ServerResponse => {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    response.detachSocket(socket);
    socket.destroySoon();
  });
  // node does not watch this connection any more.
  socket.on('error', () => socket.destroy());
  socket.once('end', () => {
    if (response.socket === socket) socket.destroy();
  });
  return response;
};

const createNodeServer = (limits: ProxyLimits): Server => {
  const server = createServer({
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // Streams may last; a body that stalls is seen by bodyIdleTimeoutMs.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(5_000, limits.headersTimeoutMs),
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
    shouldUpgradeCallback: (request) => mayUpgrade(request) && !bodyToCome(request),
  });
  // node drops further headers in silence; one more than allowed is let in to be refused.
  server.maxHeadersCount = limits.headerCountMax + 1;
  server.maxConnections = limits.connectionsMax;
  return server;
};

/**
 * A forwarding HTTP/1.1 server. Errors of clients and pods never reach the caller: they are answers.
 * @throws RangeError when a limit is out of range.
 */
export const createProxyServer = <T extends ForwardTarget>(
  options: ProxyServerOptions<T>,
): ProxyServer => {
  const limits = withDefaultLimits(options.limits ?? {});
  const core: ProxyCore<T> = {
    limits,
    hooks: options.hooks ?? {},
    route: options.route,
    readHead: createHeadReader({
      headerCountMax: limits.headerCountMax,
      bodyBytesMax: limits.bodyBytesMax,
      markHeader: options.markHeader?.toLowerCase() ?? null,
      setMark: options.setMark ?? false,
      trustForwarded: options.trustForwarded ?? true,
    }),
    splices: new Set(),
    inFlight: 0,
    draining: false,
  };

  const handle = (
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
    upgrade: UpgradeRequest | null,
  ): void => {
    const refuseWith = (refusal: Refusal) => {
      if (core.draining) response.shouldKeepAlive = false;
      answer(request, response, refusal, limits);
    };
    if (isEnding(request.socket)) return;
    const head = core.readHead(request);
    if ('kind' in head) {
      refuseWith(head);
      return;
    }
    const exchange = new Exchange<T>(core, request, response, head, expectsContinue, upgrade);
    const routed = core.route(exchange);
    if (routed.kind === 'refusal') refuseWith(routed);
    else exchange.start(routed);
  };

  const server = createNodeServer(limits);
  server.on('request', (request, response) => handle(request, response, false, null));
  server.on('checkContinue', (request, response) => handle(request, response, true, null));
  server.on('checkExpectation', (request, response) => {
    const message = 'The only Expect that is supported is 100-continue.';
    answer(request, response, refuse(417, message), limits);
  });
  server.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    const socket = duplex as Socket;
    const protocol = request.headers.upgrade ?? '';
    handle(request, responseOn(request, socket), false, { protocol, socket, head });
  });
  server.on('connect', (_request, socket) => {
    const message = 'CONNECT is not supported; this proxy forwards to pods only.';
    answerRaw(socket as Socket, '405 Method Not Allowed', message, limits.discardMs);
  });
  server.on('clientError', onClientError(limits));

  return {
    listen: (address) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ ...address, backlog: 4_096 }, () => {
          server.off('error', reject);
          const bound = server.address();
          const port = bound !== null && typeof bound === 'object' ? bound.port : address.port;
          resolve({ host: address.host, port });
        });
      }),
    drain: createDrain(server, core),
    get inFlight() {
      return core.inFlight;
    },
    get upgraded() {
      return core.splices.size;
    },
  };
};
