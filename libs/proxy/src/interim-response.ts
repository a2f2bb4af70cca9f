/** Passes a pod's 1xx answers on where they mean something to the client. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { hopByHopResponseHeaders, listedByConnection } from './hop-by-hop.ts';

type Headers = Record<string, string | string[]>;

/** A pod's hints by name, without what HTTP/2 puts before them or belongs to its connection. */
export const hintsOf = (headers: object): Headers => {
  const given = headers as Headers;
  const listed = listedByConnection(String(given.connection ?? ''), null);
  return Object.fromEntries(
    Object.entries(given).filter(
      ([name]) => name[0] !== ':' && !hopByHopResponseHeaders.has(name) && !listed?.has(name),
    ),
  );
};

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
    response.writeEarlyHints(hintsOf(headers));
  } catch (error) {
    // node checks the Link values; hints that it finds malformed are only hints.
    if (!(error instanceof TypeError)) throw error;
  }
};
