/** Connections to one pod: their limits, and what an exchange asks of them. */

import type { Dispatcher } from 'undici';

/** How connections to a pod are made and kept. */
export interface PodConnectionLimits {
  /** Time a connection may take to be made once the pod is known to accept. */
  readonly connectTimeoutMs: number;
  /**
   * Time an idle connection is kept. Short, because a pod may close its end at any time and a POST
   * sent into such a connection cannot be repeated; a pod's own Keep-Alive hint shortens it
   * further.
   */
  readonly podKeepAliveMs: number;
  /** Bytes of a response's headers; more is answered 502. */
  readonly responseHeaderBytesMax: number;
  /** HTTP/2: requests on one connection at once, unless the pod allows fewer. */
  readonly streamsPerConnectionMax: number;
}

export const defaultPodConnectionLimits: PodConnectionLimits = Object.freeze({
  connectTimeoutMs: 2_000,
  podKeepAliveMs: 4_000,
  responseHeaderBytesMax: 64 * 1024,
  streamsPerConnectionMax: 100,
});

/** The connections to one pod in one protocol, as an exchange uses them. */
export interface PodConnections {
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): unknown;
  /** Ends them after the last request. */
  close(onClosed: () => void): void;
}
