/** A request as the caller sees it in its route, its hooks and its holding queue. */

import type { Holdable } from './holding-queue.ts';
import type { Pod } from './pod.ts';

/** A request as the caller sees it, when asked for its route and in every hook. */
export interface ProxyRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Host asked for, with its port if it named one; '' when none was named (HTTP/1.0). */
  readonly host: string;
  /** How the client speaks: '1.0', '1.1' or '2'. */
  readonly httpVersion: string;
  /** The client's address, or 'unknown' when it is gone already. */
  readonly remoteAddress: string;
  /** Flat [name, value, …] as the client sent them. */
  readonly rawHeaders: readonly string[];
  readonly traceparent: string | null;
  /** The client set the mark header (`markHeader`): an outer proxy has counted this request. */
  readonly marked: boolean;
  /** The protocol asked for by Upgrade, e.g. 'websocket'; null for an ordinary request. */
  readonly upgrade: string | null;
  /** The pod it was sent to last; null before it was sent. Still set when it has ended. */
  readonly pod: Pod | null;
  /** A place for what the caller wants to remember of this request; the proxy leaves it alone. */
  note: unknown;
}

/** A request in a holding queue. */
export type HeldRequest = Holdable & ProxyRequest;
