/**
 * The data port: node's strict HTTP/1.1 server in front, HTTP/2 on the same port for those who
 * begin with it, an Exchange for each request behind them.
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { OutsideError } from '@flyball/contracts';
import { answer, lastRequestOn } from './answer.ts';
import { keepEarlyBytes } from './early-bytes.ts';
import { Exchange } from './exchange.ts';
import type { HeadRules } from './head-lines.ts';
import { Http1Client } from './http1-client.ts';
import { createHttp2HeadReader } from './http2-head.ts';
import { serveHttp2 } from './http2-server.ts';
import { type ProxyLimits, withDefaultLimits } from './limits.ts';
import { createNodeServer, onClientError, onConnect, responseOn } from './node-server.ts';
import type { ProxyCore, ProxyHooks } from './proxy-core.ts';
import type { ProxyRequest } from './proxy-request.ts';
import { type Refusal, refuse } from './refusal.ts';
import { createHeadReader } from './request-head.ts';
import type { UpgradeRequest } from './request-view.ts';
import type { ForwardTarget } from './route.ts';
import { createDrain, type DrainResult } from './server-drain.ts';
import { type Begin, createTurns } from './turns.ts';

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
  /**
   * True for the outer proxy, which sets the mark; false (default) for the inner one, which reads
   * it.
   */
  readonly setMark?: boolean;
  /**
   * True (default): X-Forwarded-Host and -Proto that the caller sent are kept, for a proxy behind
   * an ingress. False: they are overwritten, for a proxy that faces clients. X-Forwarded-For is
   * always appended to.
   */
  readonly trustForwarded?: boolean;
}

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface ProxyServer {
  /**
   * Starts to listen; port 0 takes a free one. Rejects with OutsideError PORT_IN_USE when another
   * program has the port, with node's error when it cannot listen for another reason.
   */
  listen(address: ListenAddress): Promise<ListenAddress>;
  /**
   * From now on each HTTP/1.1 answer closes its connection, so that clients open their next one
   * elsewhere; who comes here all the same is served. For the time until nobody is sent here.
   */
  announceEnd(): void;
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

const listenError = ({ host, port }: ListenAddress, cause: Error): Error => {
  if (!('code' in cause) || cause.code !== 'EADDRINUSE') return cause;
  const message = `The data port ${host}:${port} is taken by another program.`;
  return new OutsideError('PORT_IN_USE', message, { retriable: false, cause });
};

const createCore = <T extends ForwardTarget>(options: ProxyServerOptions<T>): ProxyCore<T> => {
  const limits = withDefaultLimits(options.limits ?? {});
  const rules: HeadRules = {
    headerCountMax: limits.headerCountMax,
    headerBytesMax: limits.headerBytesMax,
    bodyBytesMax: limits.bodyBytesMax,
    markHeader: options.markHeader?.toLowerCase() ?? null,
    setMark: options.setMark ?? false,
    trustForwarded: options.trustForwarded ?? true,
  };
  return {
    limits,
    hooks: options.hooks ?? {},
    route: options.route,
    readHead: createHeadReader(rules),
    readHttp2Head: createHttp2HeadReader(rules),
    splices: new Set(),
    sessions: new Set(),
    inFlight: 0,
    ending: false,
    draining: false,
  };
};

/** False behind the last request of a connection, which is closed after the answer to that. */
const mayServe = (request: IncomingMessage, response: ServerResponse): boolean => {
  const last = lastRequestOn(request.socket);
  if (last === request) response.shouldKeepAlive = false;
  return last === undefined || last === request;
};

/** Answers a refusal; once the server ends, as the last answer of its connection. */
const answerRefusal = <T extends ForwardTarget>(
  core: ProxyCore<T>,
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
): void => {
  if (core.draining || core.ending) response.shouldKeepAlive = false;
  answer(request, response, refusal, core.limits);
};

/** The one way of every request: read its head, ask for its route, then forward or refuse it. */
const createHandler =
  <T extends ForwardTarget>(core: ProxyCore<T>) =>
  (
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
    upgrade: UpgradeRequest | null,
  ): void => {
    if (!mayServe(request, response)) return;
    const head = core.readHead(request);
    let refusal: Refusal;
    if ('kind' in head) refusal = head;
    else {
      const client = new Http1Client(request, response, core.limits);
      const exchange = new Exchange<T>(core, client, head, expectsContinue, upgrade);
      const routed = core.route(exchange);
      if (routed.kind === 'target') {
        exchange.start(routed);
        return;
      }
      refusal = routed;
    }
    answerRefusal(core, request, response, refusal);
  };

const refuseExpectation = <T extends ForwardTarget>(
  core: ProxyCore<T>,
  request: IncomingMessage,
  response: ServerResponse,
): void => {
  if (!mayServe(request, response)) return;
  const message = 'The only Expect that is supported is 100-continue.';
  answerRefusal(core, request, response, refuse(417, message));
};

/** Wires every way in which node hands over a request to the handler or to an answer. */
const serve = <T extends ForwardTarget>(server: Server, core: ProxyCore<T>): void => {
  const { limits } = core;
  const handle = createHandler(core);
  const inTurn = createTurns(limits.pipelinedMax);
  const plain: Begin = (request, response) => handle(request, response, false, null);
  const expecting: Begin = (request, response) => handle(request, response, true, null);
  const odd: Begin = (request, response) => refuseExpectation(core, request, response);
  server.on('request', inTurn(plain));
  server.on('checkContinue', inTurn(expecting));
  server.on('checkExpectation', inTurn(odd));
  server.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    const socket = duplex as Socket;
    const protocol = request.headers.upgrade ?? '';
    const takeEarlyBytes = keepEarlyBytes(socket, head);
    const response = responseOn(request, socket);
    const leaveHttp = () => response.detachSocket(socket);
    handle(request, response, false, { protocol, socket, leaveHttp, takeEarlyBytes });
  });
  server.on('connect', onConnect(limits));
  server.on('clientError', onClientError(limits));
};

const listen = (server: Server, address: ListenAddress): Promise<ListenAddress> =>
  new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(listenError(address, error));
    server.once('error', fail);
    server.listen({ ...address, backlog: 4_096 }, () => {
      server.off('error', fail);
      const bound = server.address();
      const port = bound !== null && typeof bound === 'object' ? bound.port : address.port;
      resolve({ host: address.host, port });
    });
  });

/**
 * A forwarding server of HTTP/1.1 and of HTTP/2 by prior knowledge. Errors of clients and pods
 * never reach the caller: they are answers.
 * @throws RangeError when a limit is out of range.
 */
export const createProxyServer = <T extends ForwardTarget>(
  options: ProxyServerOptions<T>,
): ProxyServer => {
  const core = createCore(options);
  const server = createNodeServer(core.limits);
  serveHttp2(server, core);
  serve(server, core);
  return {
    listen: (address) => listen(server, address),
    announceEnd: () => {
      core.ending = true;
    },
    drain: createDrain(server, core),
    get inFlight() {
      return core.inFlight;
    },
    get upgraded() {
      return core.splices.size;
    },
  };
};
