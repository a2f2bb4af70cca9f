/** One pod: its address, its requests in flight, and the connections kept to it. */

import type { Socket } from 'node:net';
import { buildConnector, Pool } from 'undici';
import { createHttp2Pool } from './http2-pool.ts';
import type { PodConnectionLimits, PodConnections } from './pod-connections.ts';

/** `probing`: known, not accepting yet. `leaving`: removed, finishing what it has. */
export type PodPhase = 'probing' | 'reachable' | 'leaving' | 'closed';

/** How a pod is spoken to: HTTP/2 prior knowledge, or HTTP/1.1. gRPC is always HTTP/2. */
export type PodProtocol = 'http1' | 'h2c';

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
  protocol: PodProtocol;
  readonly http1: PodConnections;
  readonly http2: PodConnections;
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

/** The connections for a request: an upgrade is a thing of HTTP/1.1, gRPC one of HTTP/2. */
export const connectionsFor = (
  pod: LivePod,
  isGrpc: boolean,
  upgrade: string | null,
): PodConnections => {
  if (upgrade !== null) return pod.http1;
  return isGrpc || pod.protocol === 'h2c' ? pod.http2 : pod.http1;
};

/** Both kinds of connections to a pod; none is made before it is needed. */
export const openConnections = (
  host: string,
  port: number,
  limits: PodConnectionLimits,
): Pick<LivePod, 'http1' | 'http2'> => ({
  http1: createPodPool(host, port, limits),
  http2: createHttp2Pool({
    host,
    port,
    authority: authorityOf(host, port),
    limits,
    markReused: (error) => void failedAfterReuse.add(error),
  }),
});

/** Ends both kinds after the last request. */
export const closeConnections = (pod: LivePod, onClosed: () => void): void =>
  pod.http1.close(() => pod.http2.close(onClosed));

/**
 * A pool of HTTP/1.1 connections to one pod. How many it may have is bounded by the pod's slots.
 */
const createPodPool = (host: string, port: number, limits: PodConnectionLimits): Pool => {
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
