/** Reads an HTTP/2 request's headers once, so that nothing in them means more in HTTP/1.1. */

import { METHODS } from 'node:http';
import { isGrpcType } from './grpc-status.ts';
import {
  appendOwn,
  type Found,
  faultOfHost,
  faultOfSize,
  type HeadRules,
  kindsOf,
  notInHost,
  type RequestHead,
  readLines,
} from './head-lines.ts';
import { type Refusal, refuse } from './refusal.ts';

/** A request as its stream tells it. */
export interface Http2Source {
  /** Flat, pseudo-headers among them. */
  readonly rawHeaders: readonly string[];
  /** No body follows. */
  readonly bodiless: boolean;
  readonly remoteAddress: string;
}

/** What the pseudo-headers say, and the lines that are left. */
interface Parts {
  method: string;
  path: string;
  scheme: string;
  authority: string | null;
  contentType: string;
  expect: string;
  cookie: string;
  readonly lines: string[];
}

const readParts = (raw: readonly string[]): Parts => {
  const lines: string[] = [];
  const parts = { method: '', path: '', scheme: '', contentType: '', expect: '', cookie: '' };
  let authority: string | null = null;
  for (let i = 0; i < raw.length; i += 2) {
    const [name, value] = [raw[i] as string, raw[i + 1] as string];
    if (name === ':method') parts.method = value;
    else if (name === ':path') parts.path = value;
    else if (name === ':scheme') parts.scheme = value;
    else if (name === ':authority') authority = value;
    // A cookie may come in crumbs; in HTTP/1.1 it is one line (RFC 9113 8.2.3).
    else if (name === 'cookie') parts.cookie += parts.cookie === '' ? value : `; ${value}`;
    else {
      if (name === 'content-type') parts.contentType = value;
      else if (name === 'expect') parts.expect = value;
      lines.push(name, value);
    }
  }
  if (parts.cookie !== '') lines.push('cookie', parts.cookie);
  return { ...parts, authority, lines };
};

const knownMethods: ReadonlySet<string> = new Set(METHODS);

const faultOfParts = ({ method, path, scheme, authority, expect }: Parts): Refusal | null => {
  if (method === 'CONNECT') {
    return refuse(405, 'CONNECT is not supported; this proxy forwards to pods only.');
  }
  if (!knownMethods.has(method)) {
    return refuse(400, `The method ${JSON.stringify(method)} is not known.`);
  }
  if (!/^\/[!-"$-~]*$/.test(path)) {
    const allowed = 'allowed is a path that starts with "/", of printable ASCII without "#"';
    return refuse(400, `The :path is malformed; ${allowed}.`);
  }
  if (scheme !== 'http' && scheme !== 'https') {
    return refuse(400, 'The :scheme is not supported; allowed are http and https.');
  }
  if (authority !== null && (authority === '' || notInHost.test(authority))) {
    return refuse(400, 'The :authority is not a host; allowed are a name or address and a port.');
  }
  if (expect !== '' && expect.toLowerCase() !== '100-continue') {
    return refuse(417, 'The only Expect that is supported is 100-continue.');
  }
  return null;
};

const faultOfLines = (found: Found, authority: string | null, rules: HeadRules): Refusal | null => {
  if (found.chunked || found.listed !== null) {
    return refuse(400, 'Transfer-Encoding and Connection have no place in HTTP/2.');
  }
  const faultOfHosts = faultOfHost(found);
  if (faultOfHosts !== null) return faultOfHosts;
  if (authority !== null && found.host !== null && authority !== found.host) {
    return refuse(400, 'The request names two hosts: :authority and Host differ.');
  }
  if ((authority ?? found.host ?? '') === '') {
    return refuse(400, 'The request names no host; send :authority.');
  }
  return faultOfSize(found, rules);
};

const oversized = (found: Found, count: number, rules: HeadRules): Refusal | null =>
  count > rules.headerCountMax || found.bytes > rules.headerBytesMax
    ? refuse(
        431,
        `The request has too many headers; allowed are ${rules.headerCountMax}` +
          ` with ${rules.headerBytesMax} bytes in all.`,
      )
    : null;

export interface Http2Head extends RequestHead {
  readonly method: string;
  readonly expectsContinue: boolean;
}

/** A function that reads one request's head under the rules: the head, or why it is refused. */
export const createHttp2HeadReader = (rules: HeadRules) => {
  const kinds = kindsOf(rules);
  return ({ rawHeaders, bodiless, remoteAddress }: Http2Source): Http2Head | Refusal => {
    const parts = readParts(rawHeaders);
    const headers: string[] = [];
    const found = readLines(kinds, parts.lines, headers);
    const { authority, path, lines } = parts;
    const fault =
      oversized(found, lines.length / 2, rules) ??
      faultOfParts(parts) ??
      faultOfLines(found, authority, rules);
    if (fault !== null) return fault;
    const host = authority ?? (found.host as string);
    headers.push('host', host);
    appendOwn(headers, found, host, remoteAddress, rules);
    return {
      method: parts.method,
      expectsContinue: parts.expect !== '',
      host,
      path,
      hasBody: !bodiless,
      contentLength: found.contentLength,
      traceparent: found.traceparent,
      marked: found.marked,
      headers,
      isGrpc: isGrpcType(parts.contentType),
      headerBytes: found.bytes + path.length,
    };
  };
};
