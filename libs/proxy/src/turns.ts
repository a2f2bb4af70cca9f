/** Lets the requests that a client sends ahead of its answers wait for their turn. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Begins with a request. */
export type Begin = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Wraps a `Begin` so that it is called when all answers before this one have been given: requests
 * of one connection are worked on one by one, in their order (RFC 9112 9.3.2). It is not called
 * when the connection ends first, which it also does when more than `waitingMax` wait.
 */
export const createTurns = (waitingMax: number) => {
  const waiting = new WeakMap<Socket, number>();
  const wait = (request: IncomingMessage, response: ServerResponse, begin: Begin): void => {
    const { socket } = request;
    const ahead = waiting.get(socket) ?? 0;
    if (ahead >= waitingMax) {
      socket.destroy();
      return;
    }
    waiting.set(socket, ahead + 1);
    // Told by node once the answers before it have been written, or are lost with the connection.
    response.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
      if (!socket.destroyed) begin(request, response);
    });
  };
  return (begin: Begin): Begin =>
    (request, response) => {
      // Behind others that have no answer yet, a response has no connection.
      if (response.socket !== null) begin(request, response);
      else wait(request, response, begin);
    };
};
