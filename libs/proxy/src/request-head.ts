/** Reads a request's raw headers once: what the proxy must know, and what the pod will be sent. */

import type { IncomingMessage } from 'node:http';
import {
  appendOwn,
  clientAddress,
  type Found,
  faultOfHost,
  faultOfSize,
  type HeadRules,
  kindsOf,
  type RequestHead,
  readLines,
} from './head-lines.ts';
import { removeHeaders } from './raw-headers.ts';
import type { Refusal } from './refusal.ts';
import { refuse } from './refusal.ts';

interface Target {
  readonly authority: string | null;
  readonly path: string;
}

/**
 * Splits a request target: origin form, absolute form, or null for what a proxy of pods cannot do.
 */
const readTarget = (url: string): Target | null => {
  if (url.charCodeAt(0) === 47) return { authority: null, path: url };
  const absolute = /^http:\/\/([^/?#@\s]+)([/?].*)?$/i.exec(url);
  if (absolute === null) return null;
  const path = absolute[2] ?? '/';
  return { authority: absolute[1] as string, path: path.startsWith('/') ? path : `/${path}` };
};

/** What is wrong with a head that the parser let through; null when nothing is. */
const faultOf = (found: Found, request: IncomingMessage, rules: HeadRules): Refusal | null => {
  if (found.refusal !== null) return found.refusal;
  const faultOfHosts = faultOfHost(found);
  if (faultOfHosts !== null) return faultOfHosts;
  if (found.chunked && request.httpVersionMinor === 0) {
    return refuse(400, 'Transfer-Encoding needs HTTP/1.1; the request says HTTP/1.0.');
  }
  if (found.chunked && found.contentLength >= 0) {
    return refuse(400, 'The request has both Content-Length and Transfer-Encoding; send one.');
  }
  return faultOfSize(found, rules);
};

/** A function that reads one request's head under the rules: the head, or why it is refused. */
export const createHeadReader = (rules: HeadRules) => {
  const kinds = kindsOf(rules);
  return (request: IncomingMessage): RequestHead | Refusal => {
    const raw = request.rawHeaders;
    if (raw.length / 2 > rules.headerCountMax) {
      return refuse(431, `The request has too many headers; allowed are ${rules.headerCountMax}.`);
    }
    if (request.httpVersionMajor !== 1) {
      const { httpVersion } = request;
      return refuse(505, `HTTP/${httpVersion} is not supported; allowed are 1.1 and 1.0.`);
    }
    const url = request.url ?? '';
    const target = readTarget(url);
    if (target === null) {
      return refuse(400, 'The request target must be a path that starts with "/".');
    }
    const headers: string[] = [];
    const found = readLines(kinds, raw, headers);
    const fault = faultOf(found, request, rules);
    if (fault !== null) return fault;
    if (found.listed !== null) removeHeaders(headers, found.listed);
    const host = target.authority ?? found.host ?? '';
    if (host !== '') headers.push('host', host);
    appendOwn(headers, found, host, clientAddress(request.socket), rules);
    return {
      host,
      path: target.path,
      hasBody: found.chunked || found.contentLength > 0,
      contentLength: found.contentLength,
      traceparent: found.traceparent,
      marked: found.marked,
      headers,
      isGrpc: false,
      headerBytes: found.bytes + url.length,
    };
  };
};
