/** HTTP/2 by prior knowledge on the port of an HTTP/1.1 server: limits, requests, goodbyes. */

import type { Server } from 'node:http';
import {
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { answerRaw } from './answer.ts';
import { Exchange } from './exchange.ts';
import { readFirstBytes } from './first-bytes.ts';
import { clientAddress } from './head-lines.ts';
import { Http2Client } from './http2-client.ts';
import type { ProxyLimits } from './limits.ts';
import type { ProxyCore } from './proxy-core.ts';
import type { ForwardTarget } from './route.ts';

/** Pseudo-headers of a request, beside the headers that are counted. */
const pseudoHeadersMax = 5;
/** What RFC 9113 counts for each header beside its bytes. */
const headerOverheadBytes = 32;
/** Requests that may be refused for one connection's limits before it is ended. */
const refusedStreamsMax = 100;
/** Frames that make no sense before their connection is ended. */
const invalidFramesMax = 100;

const sessionOptions = (limits: ProxyLimits) => ({
  // One more header than allowed is let in, to be refused with words.
  maxHeaderListPairs: limits.headerCountMax + pseudoHeadersMax + 1,
  maxSessionMemory: limits.http2SessionMegabytesMax,
  maxSessionInvalidFrames: invalidFramesMax,
  maxSessionRejectedStreams: refusedStreamsMax,
  streamResetBurst: limits.http2ResetsMax,
  streamResetRate: limits.http2ResetsPerSecond,
  settings: {
    enablePush: false,
    maxConcurrentStreams: limits.http2StreamsMax,
    maxHeaderListSize: limits.headerBytesMax + limits.headerCountMax * headerOverheadBytes,
  },
});

/** Ends a connection that has no request for too long, whatever else it sends. */
const watchIdling = (session: ServerHttp2Session, limits: ProxyLimits) => {
  let open = 0;
  let timer: NodeJS.Timeout;
  const idle = (ms: number): void => {
    timer = setTimeout(() => session.close(), ms);
    timer.unref();
  };
  idle(limits.headersTimeoutMs);
  session.once('close', () => clearTimeout(timer));
  return (stream: ServerHttp2Stream): void => {
    open++;
    clearTimeout(timer);
    stream.once('close', () => {
      open--;
      if (open === 0 && !session.destroyed) idle(limits.keepAliveTimeoutMs);
    });
  };
};

/** The one way of every request: read its head, ask for its route, then forward or refuse it. */
const handle = <T extends ForwardTarget>(
  core: ProxyCore<T>,
  stream: ServerHttp2Stream,
  rawHeaders: readonly string[],
  remoteAddress: string,
): void => {
  const source = { rawHeaders, bodiless: stream.endAfterHeaders, remoteAddress };
  const client = new Http2Client(stream, source, core.limits);
  const head = core.readHttp2Head(source);
  if ('kind' in head) {
    client.refuse(head);
    return;
  }
  const exchange = new Exchange<T>(core, client, head, head.expectsContinue, null);
  const routed = core.route(exchange);
  if (routed.kind === 'target') exchange.start(routed);
  else client.refuse(routed);
};

const openSession = <T extends ForwardTarget>(core: ProxyCore<T>, socket: Socket): void => {
  const { limits, sessions } = core;
  // Of HTTP/1.1 one half of a connection may end first. Here its end is that of all requests.
  socket.allowHalfOpen = false;
  const session = performServerHandshake(socket, sessionOptions(limits));
  const watch = watchIdling(session, limits);
  sessions.add(session);
  session.once('close', () => sessions.delete(session));
  // A connection that breaks, or its client: its streams are closed, and that is what counts.
  session.on('error', () => undefined);
  // Asked for now: the connection may be gone when a request that came over it is looked at.
  const remoteAddress = clientAddress(socket);
  session.on('stream', (stream, _headers, _flags, rawHeaders) => {
    // A stream that fails is closed as well, and its close is what counts.
    stream.on('error', () => undefined);
    // node tells a request later than it read it; what is over by then is nobody's.
    if (stream.closed || stream.destroyed) return;
    watch(stream);
    handle(core, stream, rawHeaders, remoteAddress);
  });
  if (core.draining) session.close();
};

/**
 * Lets the server's port serve HTTP/2 as well. node's own way of HTTP/1.1 connections is taken
 * after the first bytes of each, and costs a request nothing.
 */
export const serveHttp2 = <T extends ForwardTarget>(server: Server, core: ProxyCore<T>): void => {
  const { limits } = core;
  const ways = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) =>
    readFirstBytes(socket, {
      timeoutMs: limits.headersTimeoutMs,
      onHttp1: () => {
        for (const way of ways) way.call(server, socket);
      },
      onHttp2: () => openSession(core, socket),
      onTimeout: () => {
        const allowed = `allowed are ${limits.headersTimeoutMs} ms`;
        const message = `The request headers took too long; ${allowed}.`;
        answerRaw(socket, '408 Request Timeout', message, limits.discardMs);
      },
    }),
  );
};

/** The last possible number of a stream: nothing that was sent is refused yet. */
const streamIdMax = 2 ** 31 - 1;

/**
 * Says goodbye to every HTTP/2 client: first that the connection ends, then, when requests that had
 * crossed that word have come, that no further one is taken. Those that run are not touched.
 */
export const sayGoodbye = <T extends ForwardTarget>(core: ProxyCore<T>): void => {
  for (const session of core.sessions) {
    if (!session.destroyed && !session.closed) session.goaway(0, streamIdMax);
  }
  const timer = setTimeout(() => {
    for (const session of core.sessions) if (!session.destroyed) session.close();
  }, core.limits.http2GoawayNoticeMs);
  timer.unref();
};
