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

/** What becomes of a header line. */
type LineKind =
  | 'drop'
  | 'keep'
  | 'host'
  | 'contentLength'
  | 'transferEncoding'
  | 'connection'
  | 'mark'
  | 'forwardedFor'
  | 'forwardedHost'
  | 'forwardedProto'
  | 'traceparent';

/** Header lines that are read here, by their lower-case name. */
const readHere: readonly (readonly [name: string, kind: LineKind])[] = [
  ['host', 'host'],
  ['content-length', 'contentLength'],
  ['transfer-encoding', 'transferEncoding'],
  ['connection', 'connection'],
  ['x-forwarded-for', 'forwardedFor'],
  ['x-forwarded-host', 'forwardedHost'],
  ['x-forwarded-proto', 'forwardedProto'],
  ['traceparent', 'traceparent'],
];

/** What becomes of header lines, by their lower-case name; all others are kept. */
export type LineKinds = ReadonlyMap<string, LineKind>;

/** The kinds under these rules. */
export const kindsOf = ({ markHeader }: HeadRules): LineKinds => {
  // A later entry takes the place of an earlier one: some hop-by-hop headers are read here.
  const kinds = new Map<string, LineKind>(hopByHopRequestHeaders.map((name) => [name, 'drop']));
  for (const [name, kind] of readHere) kinds.set(name, kind);
  if (markHeader !== null) kinds.set(markHeader, 'mark');
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

const readLine = (
  found: Found,
  kind: LineKind,
  name: string,
  value: string,
  out: string[],
): void => {
  switch (kind) {
    case 'host':
      found.host = value;
      found.hosts++;
      return;
    case 'contentLength':
      found.contentLength = Number(value);
      out.push(name, value);
      return;
    case 'transferEncoding':
      if (found.chunked || value.toLowerCase() !== 'chunked') {
        found.refusal = refuseTransferEncoding(value);
      }
      found.chunked = true;
      return;
    case 'connection':
      found.listed = listedByConnection(value, found.listed);
      return;
    case 'mark':
      found.marked = true;
      return;
    case 'forwardedFor':
      found.forwardedFor = found.forwardedFor === '' ? value : `${found.forwardedFor}, ${value}`;
      return;
    case 'forwardedHost':
      found.forwardedHost = value;
      return;
    case 'forwardedProto':
      found.forwardedProto = value;
      return;
    case 'traceparent':
      found.traceparent = value;
      out.push(name, value);
      return;
  }
};

/** Characters by which a Host could be read as two hosts, a path or a login. */
export const notInHost = /[\s,/?#@\\]/;

/** What is wrong with the Host lines; null when nothing is. */
export const faultOfHost = ({ host, hosts }: Found): Refusal | null => {
  if (hosts > 1) return refuse(400, `The request has ${hosts} Host headers; allowed is one.`);
  if (host === null || !notInHost.test(host)) return null;
  return refuse(400, 'The Host header is not a host; allowed are a name or address and a port.');
};

/** The client's address, an IPv4 one without the prefix that a dual-stack port adds. */
export const clientAddress = (socket: Pick<Socket, 'remoteAddress'>): string => {
  const address = socket.remoteAddress ?? 'unknown';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
};

/** The text of a 413; `bytes` is what was declared, or nothing when the body ran over. */
export const tooLarge = (bytesMax: number, bytes?: number): string =>
  `The request body ${bytes === undefined ? 'is larger than allowed' : `is ${bytes} bytes`};` +
  ` allowed are at most ${bytesMax} bytes.`;

/** What is wrong with a declared length; null when nothing is. */
export const faultOfSize = ({ contentLength }: Found, { bodyBytesMax }: HeadRules) =>
  contentLength > bodyBytesMax ? refuse(413, tooLarge(bodyBytesMax, contentLength)) : null;

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
export const readLines = (kinds: LineKinds, raw: readonly string[], out: string[]): Found => {
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
    const kind = kinds.get(name.toLowerCase()) ?? 'keep';
    if (kind === 'keep') out.push(name, value);
    else if (kind !== 'drop') readLine(found, kind, name, value, out);
  }
  return found;
};
