/** What all exchanges of one server share, and what the caller may hook into. */

import type { IncomingMessage } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { EndReason } from './failure.ts';
import type { RequestHead } from './head-lines.ts';
import type { Http2Head, Http2Source } from './http2-head.ts';
import type { ProxyLimits } from './limits.ts';
import type { ProxyRequest } from './proxy-request.ts';
import type { Refusal } from './refusal.ts';
import type { ForwardTarget } from './route.ts';
import type { Splice } from './splice.ts';

/** Called at the turns of a forwarded request's life, each at most once, `onEnd` exactly once. */
export interface ProxyHooks<T extends ForwardTarget> {
  /** It was routed; it is forwarded or held next. */
  readonly onStart?: (target: T, request: ProxyRequest) => void;
  /** The pod's response began, or its upgrade. */
  readonly onFirstByte?: (target: T, request: ProxyRequest, status: number) => void;
  /** It ended; status is what the client got (499: it left before an answer). */
  readonly onEnd?: (target: T, request: ProxyRequest, status: number, reason: EndReason) => void;
  /** May change the flat header array in place before it is sent to a pod, e.g. by `setHeader`. */
  readonly rewriteHeaders?: (headers: string[], target: T, request: ProxyRequest) => void;
}

export interface ProxyCore<T extends ForwardTarget> {
  readonly limits: ProxyLimits;
  readonly hooks: ProxyHooks<T>;
  readonly route: (request: ProxyRequest) => T | Refusal;
  readonly readHead: (request: IncomingMessage) => RequestHead | Refusal;
  readonly readHttp2Head: (source: Http2Source) => Http2Head | Refusal;
  readonly splices: Set<Splice>;
  /** Client connections that speak HTTP/2. */
  readonly sessions: Set<ServerHttp2Session>;
  /** Routed requests that have not ended, held and upgraded ones included. */
  inFlight: number;
  /** True: its end is announced; connections are closed after their answer, others still taken. */
  ending: boolean;
  /** True: connections are closed after their current response. */
  draining: boolean;
}
