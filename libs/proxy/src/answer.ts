/** Answers that the proxy itself gives: a status and one sentence of plain text. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Refusal } from './refusal.ts';
import type { DiscardLimits } from './request-body.ts';
import { discardBody } from './request-body.ts';

/**
 * Closes a connection so that its peer sees what was written last. Closing with unread input makes
 * the kernel send a reset, which can overtake the answer; so first only our half is closed.
 */
const closeGently = (socket: Socket, limits: DiscardLimits): void => {
  socket.end();
  const timer = setTimeout(() => socket.destroy(), limits.discardMs);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
};

/** The last request of connections on which what else they send is not a request any more. */
const lastRequests = new WeakMap<Socket, IncomingMessage>();

/** Nothing behind this request may be answered, and so nothing be forwarded. */
export const endBehind = (request: IncomingMessage): void => {
  if (!lastRequests.has(request.socket)) lastRequests.set(request.socket, request);
};

/** The request behind which nothing on its connection is served; undefined: there is none. */
export const lastRequestOn = (socket: Socket): IncomingMessage | undefined =>
  lastRequests.get(socket);

/** True when the client still has body bytes to send. */
export const bodyToCome = (request: IncomingMessage): boolean => {
  if (request.complete) return false;
  const { headers } = request;
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
};

/**
 * Sends a refusal as the response. Only while no headers were sent. When a body is still to come
 * the connection ends after the answer, since its next bytes are not a request.
 */
export const answer = (
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  limits: DiscardLimits,
): void => {
  const text = `${refusal.message}\n`;
  const headers = ['content-type', 'text/plain; charset=utf-8'];
  headers.push('content-length', String(Buffer.byteLength(text)));
  if (refusal.retryAfterSeconds !== undefined) {
    headers.push('retry-after', String(refusal.retryAfterSeconds));
  }
  const { socket } = request;
  if (bodyToCome(request)) {
    response.shouldKeepAlive = false;
    lastRequests.set(socket, request);
    // node calls this once the answer is written.
    socket.destroySoon = () => closeGently(socket, limits);
    discardBody(request, socket, limits);
  }
  response.writeHead(refusal.status, headers);
  response.end(text);
};

/**
 * The same for a connection whose request could not be parsed, so that no response object exists.
 */
export const answerRaw = (socket: Socket, status: string, message: string, ms: number): void => {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  // Where node has let go of the connection, or not begun with it, nobody else hears it break.
  socket.on('error', () => socket.destroy());
  const text = `${message}\n`;
  socket.write(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
  socket.resume();
  closeGently(socket, { discardBytesMax: 0, discardMs: ms });
};
