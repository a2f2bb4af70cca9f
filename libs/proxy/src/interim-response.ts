/** Passes a pod's 1xx answers on where they mean something to the client. */

import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Early Hints (103) and Processing (102) are passed on to HTTP/1.1 clients; other interim answers
 * say nothing to a client. 100 Continue never comes here: the proxy sends its own.
 */
export const passInterim = (
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: object,
): void => {
  if (response.headersSent || request.httpVersion !== '1.1') return;
  if (status === 102) response.writeProcessing();
  if (status !== 103) return;
  try {
    response.writeEarlyHints(headers as Record<string, string | string[]>);
  } catch (error) {
    // node checks the Link values; hints that it finds malformed are only hints.
    if (!(error instanceof TypeError)) throw error;
  }
};
