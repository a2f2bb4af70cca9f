/** Passes a pod's response body on, no faster than the client reads it. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';

/** Last chunks up to this many bytes are written as one string together with their headers. */
const stringBodyBytesMax = 16 * 1024;

/** Ends the response with its last chunk. */
export const endWith = (response: ServerResponse, chunk: Buffer): void => {
  if (chunk.length < stringBodyBytesMax) response.end(chunk.toString('latin1'), 'latin1');
  else response.end(chunk);
};

/**
 * Writes a chunk. When the client does not take it the pod is paused until it does, for `stallMs`
 * at most: then node closes the connection, so that a client cannot keep a pod's slot by not
 * reading.
 */
export const passChunk = (
  request: IncomingMessage,
  response: ServerResponse,
  controller: Dispatcher.DispatchController,
  chunk: Buffer,
  stallMs: number,
): void => {
  if (response.write(chunk)) return;
  const { socket } = request;
  controller.pause();
  socket.setTimeout(stallMs);
  response.once('drain', () => {
    socket.setTimeout(0);
    controller.resume();
  });
};
