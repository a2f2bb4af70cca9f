/** One pod: its address, its requests in flight, and the connections kept to it. */

import type { Socket } from 'node:net';
import { buildConnector, Pool } from 'undici';

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
}

export const defaultPodConnectionLimits: PodConnectionLimits = Object.freeze({
  connectTimeoutMs: 2_000,
  podKeepAliveMs: 4_000,
  responseHeaderBytesMax: 64 * 1024,
});

/** `probing`: known, not accepting yet. `leaving`: removed, finishing what it has. */
export type PodPhase = 'probing' | 'reachable' | 'leaving' | 'closed';

/** A pod as callers see it. */
export interface Pod {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly phase: PodPhase;
  /** Requests that hold one of its slots now, upgraded connections included. */
  readonly inFlight: number;
  /** Requests it may have at once. */
  readonly slots: number;
}

/** The pod as the balancer and the exchange use it. */
export interface LivePod extends Pod {
  phase: PodPhase;
  inFlight: number;
  slots: number;
  /** Slots given to this pod alone; null: those of the balancer. */
  ownSlots: number | null;
  pool: Pool;
  stopProbe: (() => void) | null;
}

const failedAfterReuse = new WeakSet<object>();

/**
 * True when the error ended a connection that had carried a response before: the pod most likely
 * closed it while idle and never saw the request that was just sent into it.
 */
export const wasReusedConnection = (error: Error): boolean => failedAfterReuse.has(error);

const watchForReuse = (socket: Socket): void => {
  socket.on('error', (error) => {
    if (socket.bytesRead > 0) failedAfterReuse.add(error);
  });
};

/** `host:port` with brackets where the host is an IPv6 address. */
const authorityOf = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/**
 * A pool of HTTP/1.1 connections to one pod. How many it may have is bounded by the pod's slots.
 */
export const createPodPool = (host: string, port: number, limits: PodConnectionLimits): Pool => {
  const connect = buildConnector({ timeout: limits.connectTimeoutMs, allowH2: false });
  return new Pool(`http://${authorityOf(host, port)}`, {
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: limits.podKeepAliveMs,
    keepAliveMaxTimeout: limits.podKeepAliveMs,
    maxHeaderSize: limits.responseHeaderBytesMax,
    connect: (options, callback) =>
      connect(options, (error, socket) => {
        if (error !== null) return callback(error, null);
        watchForReuse(socket);
        return callback(null, socket);
      }),
  });
};
