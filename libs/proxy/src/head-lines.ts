/** The one pass over a request's header lines, and what the proxy adds to them. */

import type { Socket } from 'node:net';
import { hopByHopRequestHeaders, listedByConnection } from './hop-by-hop.ts';
import type { Refusal } from './refusal.ts';
import { refuse } from './refusal.ts';

/** How request heads are read and rewritten; made once per server by `createHeadReader`. */
export interface HeadRules {
  readonly headerCountMax: number;
  readonly headerBytesMax: number;
  readonly bodyBytesMax: number;
  /** Lower-case name of the header that marks a request as already counted by an outer proxy. */
  readonly markHeader: string | null;
  /** True: the mark is set on every forwarded request. False: it is read and taken off. */
  readonly setMark: boolean;
  /** True: X-Forwarded-Host and -Proto of the caller are kept; false: they are overwritten. */
  readonly trustForwarded: boolean;
}

/** What one pass over the raw headers found. */
export interface RequestHead {
  /**
   * The authority asked for: the request target's if it names one, else the Host header, else ''.
   */
  readonly host: string;
  /** The request target in origin form: path and query. */
  readonly path: string;
  /** The request carries a body. */
  readonly hasBody: boolean;
  /** Declared length in bytes; -1 when none was declared. */
  readonly contentLength: number;
  /** The client's `traceparent`, or null. */
  readonly traceparent: string | null;
  /** The client set the mark header. */
  readonly marked: boolean;
  /** Flat [name, value, …] for the pod: without hop-by-hop headers, with X-Forwarded-* set. */
  readonly headers: string[];
  /** A gRPC call: HTTP/2 all the way, with its status behind the body. */
  readonly isGrpc: boolean;
  /** Bytes of the raw headers. */
  readonly headerBytes: number;
}

const DROP = 0;
const KEEP = 1;
const HOST = 2;
const CONTENT_LENGTH = 3;
const TRANSFER_ENCODING = 4;
const CONNECTION = 5;
const MARK = 6;
const FORWARDED_FOR = 7;
const FORWARDED_HOST = 8;
const FORWARDED_PROTO = 9;
const TRACEPARENT = 10;

/** What becomes of each header line, by its lower-case name. */
export const kindsOf = (rules: HeadRules): Map<string, number> => {
  const kinds = new Map<string, number>(hopByHopRequestHeaders.map((name) => [name, DROP]));
  kinds.set('host', HOST);
  kinds.set('content-length', CONTENT_LENGTH);
  kinds.set('transfer-encoding', TRANSFER_ENCODING);
  kinds.set('connection', CONNECTION);
  kinds.set('x-forwarded-for', FORWARDED_FOR);
  kinds.set('x-forwarded-host', FORWARDED_HOST);
  kinds.set('x-forwarded-proto', FORWARDED_PROTO);
  kinds.set('traceparent', TRACEPARENT);
  if (rules.markHeader !== null) kinds.set(rules.markHeader, MARK);
  return kinds;
};

/** Values gathered by the pass; one object per request, of one shape. */
export interface Found {
  host: string | null;
  hosts: number;
  contentLength: number;
  chunked: boolean;
  marked: boolean;
  traceparent: string | null;
  forwardedFor: string;
  forwardedHost: string;
  forwardedProto: string;
  listed: Set<string> | null;
  bytes: number;
  refusal: Refusal | null;
}

const refuseTransferEncoding = (value: string): Refusal =>
  refuse(501, `Transfer-Encoding "${value}" is not supported; allowed is chunked, once.`);

const readLine = (found: Found, kind: number, name: string, value: string, out: string[]): void => {
  switch (kind) {
    case HOST:
      found.host = value;
      found.hosts++;
      return;
    case CONTENT_LENGTH:
      found.contentLength = Number(value);
      out.push(name, value);
      return;
    case TRANSFER_ENCODING:
      if (found.chunked || value.toLowerCase() !== 'chunked') {
        found.refusal = refuseTransferEncoding(value);
      }
      found.chunked = true;
      return;
    case CONNECTION:
      found.listed = listedByConnection(value, found.listed);
      return;
    case MARK:
      found.marked = true;
      return;
    case FORWARDED_FOR:
      found.forwardedFor = found.forwardedFor === '' ? value : `${found.forwardedFor}, ${value}`;
      return;
    case FORWARDED_HOST:
      found.forwardedHost = value;
      return;
    case FORWARDED_PROTO:
      found.forwardedProto = value;
      return;
    case TRACEPARENT:
      found.traceparent = value;
      out.push(name, value);
      return;
  }
};

/** Characters by which a Host could be read as two hosts, a path or a login. */
export const notInHost = /[\s,/?#@\\]/;

/** The client's address, an IPv4 one without the prefix that a dual-stack port adds. */
export const clientAddress = (socket: Pick<Socket, 'remoteAddress'>): string => {
  const address = socket.remoteAddress ?? 'unknown';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
};

/** The text of a 413; `bytes` is what was declared, or nothing when the body ran over. */
export const tooLarge = (bytesMax: number, bytes?: number): string =>
  `The request body ${bytes === undefined ? 'is larger than allowed' : `is ${bytes} bytes`};` +
  ` allowed are at most ${bytesMax} bytes.`;

/** Adds what the proxy itself says to the headers of the pod. */
export const appendOwn = (
  out: string[],
  found: Found,
  host: string,
  address: string,
  rules: HeadRules,
) => {
  const before = found.forwardedFor;
  out.push('x-forwarded-for', before === '' ? address : `${before}, ${address}`);
  const keep = rules.trustForwarded;
  if (keep && found.forwardedHost !== '') out.push('x-forwarded-host', found.forwardedHost);
  else if (host !== '') out.push('x-forwarded-host', host);
  const proto = keep && found.forwardedProto !== '' ? found.forwardedProto : 'http';
  out.push('x-forwarded-proto', proto);
  if (rules.setMark && rules.markHeader !== null) out.push(rules.markHeader, '1');
};

/** The one pass over a request's headers; what the pod gets is added to `out`. */
export const readLines = (
  kinds: ReadonlyMap<string, number>,
  raw: readonly string[],
  out: string[],
): Found => {
  const found: Found = {
    host: null,
    hosts: 0,
    contentLength: -1,
    chunked: false,
    marked: false,
    traceparent: null,
    forwardedFor: '',
    forwardedHost: '',
    forwardedProto: '',
    listed: null,
    bytes: 0,
    refusal: null,
  };
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    found.bytes += name.length + value.length + 4;
    const kind = kinds.get(name.toLowerCase()) ?? KEEP;
    if (kind === KEEP) out.push(name, value);
    else if (kind !== DROP) readLine(found, kind, name, value, out);
  }
  return found;
};
