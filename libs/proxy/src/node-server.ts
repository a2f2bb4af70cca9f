/**
 * node's HTTP/1.1 server as the data port uses it: strict parser, limits, errors as plain answers.
 */

import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { answerRaw, bodyToCome, endBehind } from './answer.ts';
import type { ProxyLimits } from './limits.ts';

const clientErrors: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The request has too many headers'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request headers took too long'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'The chunk extensions are too large'],
};

/**
 * The response that the connection carries now, or will as soon as its pod answers. node's own
 * handler of bad requests asks the same; there is no public way to know.
 */
export const openResponseOf = (socket: Socket): ServerResponse | null =>
  (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? null;

/** Whether words written now would be read as the answer to a request before, or as part of it. */
const owesAnother = (socket: Socket): boolean => {
  const open = openResponseOf(socket);
  return open !== null && (open.headersSent || open.req.complete);
};

/** Answers what could not be parsed, unless another answer is owed before: then it is cut off. */
export const onClientError = (limits: ProxyLimits) => (error: Error, duplex: Duplex) => {
  const socket = duplex as Socket;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNRESET' || owesAnother(socket)) {
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

/** A CONNECT is refused, or, where an answer is owed that this one would break into, cut off. */
export const onConnect = (limits: ProxyLimits) => (_request: IncomingMessage, duplex: Duplex) => {
  const socket = duplex as Socket;
  if (openResponseOf(socket) !== null) {
    socket.destroy();
    return;
  }
  const message = 'CONNECT is not supported; this proxy forwards to pods only.';
  answerRaw(socket, '405 Method Not Allowed', message, limits.discardMs);
};

/**
 * Only a bodyless GET may leave HTTP, and not into HTTP/2, which such a connection would speak on.
 * Nor may it while an earlier request has no answer: both would write to the connection.
 */
const mayUpgrade = (request: IncomingMessage): boolean => {
  const protocol = request.headers.upgrade?.toLowerCase() ?? '';
  if (request.method !== 'GET' || !/^[\w/.-]+$/.test(protocol) || protocol === 'h2c') return false;
  return !bodyToCome(request) && openResponseOf(request.socket) === null;
};

/**
 * Whether the piece that node parses now is this bodyless request and nothing else. node drops what
 * stands behind an upgrade that is declined, also behind its body, and would go on in the middle of
 * it. What stands behind a body cannot be known yet.
 */
const cameAlone = ({ method, url, socket }: IncomingMessage): boolean => {
  const { parser } = socket as { parser?: { getCurrentBuffer?: () => Buffer | undefined } };
  const piece = parser?.getCurrentBuffer?.();
  if (piece === undefined) return false;
  const begins = piece.indexOf(`${method} ${url} HTTP/`, 0, 'latin1') === 0;
  return begins && piece.indexOf('\r\n\r\n') === piece.length - 4;
};

/** A response object for a connection that node has handed over after its Upgrade request. */
export const responseOn = (request: IncomingMessage, socket: Socket): ServerResponse => {
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

/** node's HTTP server, strict, with the limits set. */
export const createNodeServer = (limits: ProxyLimits): Server => {
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
    shouldUpgradeCallback: (request) => {
      const upgrades = mayUpgrade(request);
      if (!upgrades && (bodyToCome(request) || !cameAlone(request))) endBehind(request);
      return upgrades;
    },
  });
  // node drops further headers in silence; one more than allowed is let in to be refused.
  server.maxHeadersCount = limits.headerCountMax + 1;
  server.maxConnections = limits.connectionsMax;
  return server;
};
