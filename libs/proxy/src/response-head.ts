/** Turns a pod's raw response headers into what the client is sent. */

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { hopByHopResponseHeaders, listedByConnection } from './hop-by-hop.ts';
import { type RawHeaders, removeHeaders, textOf } from './raw-headers.ts';

/** A response head ready for `writeHead`. */
export interface ResponseHead {
  /** Flat [name, value, …]. */
  readonly headers: string[];
  /** Declared length in bytes; -1 when none was declared. */
  readonly contentLength: number;
  /** The value of the pod's Trailer header; null without one. */
  readonly trailer: string | null;
  /** The value of the pod's Upgrade header; '' without one. */
  readonly upgrade: string;
  /** The body is in a transfer coding beside `chunked`, which nobody would undo. */
  readonly isCoded: boolean;
}

/** Reads a pod's flat array of headers, leaving out what belongs to its connection only. */
export const readResponseHead = (raw: RawHeaders): ResponseHead => {
  const headers: string[] = [];
  let contentLength = -1;
  let trailer: string | null = null;
  let upgrade = '';
  let isCoded = false;
  let listed: Set<string> | null = null;
  for (let i = 0; i < raw.length; i += 2) {
    const name = textOf(raw[i] as Buffer);
    const lower = name.toLowerCase();
    const value = textOf(raw[i + 1] as Buffer);
    if (hopByHopResponseHeaders.has(lower)) {
      if (lower === 'connection') listed = listedByConnection(value, listed);
      else if (lower === 'trailer') trailer = value;
      else if (lower === 'upgrade') upgrade = value;
      else if (lower === 'transfer-encoding') isCoded ||= !/^chunked\s*$/i.test(value);
      continue;
    }
    if (lower === 'content-length') contentLength = Number(value);
    headers.push(name, value);
  }
  if (listed !== null) removeHeaders(headers, listed);
  return { headers, contentLength, trailer, upgrade, isCoded };
};

/** True when such a response has no body, whatever its headers say. */
export const isBodiless = (method: string | undefined, status: number): boolean =>
  status === 204 || status === 304 || method === 'HEAD';

/** The reason phrase if it may be sent, else the usual one of the status. */
const reasonPhrase = (status: number, given: string | undefined): string => {
  const usual = STATUS_CODES[status] ?? 'Unknown';
  if (given === undefined || given === usual) return usual;
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(given) ? given : usual;
};

/**
 * Writes the head of a pod's response to the client; it leaves with the body's first bytes or at
 * `flushHeaders`. Returns the bytes of body to come: -1 when unknown, 0 when there is none. Null:
 * nothing was written, since the body is coded.
 */
export const writeResponseHead = (
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  reason: string | undefined,
  raw: RawHeaders,
): number | null => {
  const { headers, contentLength, trailer, isCoded } = readResponseHead(raw);
  if (isCoded) return null;
  const bodiless = isBodiless(request.method, status);
  // node announces trailers on chunked responses only.
  const chunked = contentLength < 0 && !bodiless && request.httpVersion === '1.1';
  if (trailer !== null && chunked) headers.push('trailer', trailer);
  response.writeHead(status, reasonPhrase(status, reason), headers);
  return bodiless ? 0 : contentLength;
};

/** Names that frame or route a message and therefore may not come as trailers (RFC 9110 6.5.1). */
const neverTrailers: ReadonlySet<string> = new Set([
  ...hopByHopResponseHeaders,
  'content-length',
  'content-encoding',
  'content-type',
  'content-range',
  'host',
  'set-cookie',
]);

/** A pod's trailers as pairs for `addTrailers`. */
export const readTrailers = (raw: RawHeaders): [string, string][] => {
  const trailers: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = textOf(raw[i] as Buffer);
    if (neverTrailers.has(name.toLowerCase())) continue;
    trailers.push([name, textOf(raw[i + 1] as Buffer)]);
  }
  return trailers;
};
