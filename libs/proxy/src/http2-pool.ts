/** HTTP/2 connections to one pod: as few as its requests need, made when they are needed. */

import type { Dispatcher } from 'undici';
import { Http2Connection, type Http2ConnectionOptions } from './http2-connection.ts';
import type { PodConnections } from './pod-connections.ts';

class Http2Pool implements PodConnections {
  readonly #options: Http2ConnectionOptions;
  readonly #connections = new Set<Http2Connection>();
  #onClosed: (() => void) | null = null;

  constructor(options: Http2ConnectionOptions) {
    this.#options = options;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    (this.#withRoom() ?? this.#open()).send(options, handler);
    return true;
  }

  close(onClosed: () => void): void {
    this.#onClosed = onClosed;
    for (const connection of this.#connections) connection.leave();
    this.#settle();
  }

  #withRoom(): Http2Connection | undefined {
    for (const connection of this.#connections) if (connection.hasRoom()) return connection;
    return undefined;
  }

  #open(): Http2Connection {
    const connection = new Http2Connection(this.#options, {
      onOverflow: (overflow) => {
        for (const dispatched of overflow) this.dispatch(...dispatched);
      },
      onClosed: () => {
        this.#connections.delete(connection);
        this.#settle();
      },
    });
    this.#connections.add(connection);
    return connection;
  }

  #settle(): void {
    if (this.#connections.size > 0 || this.#onClosed === null) return;
    const told = this.#onClosed;
    this.#onClosed = null;
    told();
  }
}

/**
 * Connections by HTTP/2 prior knowledge to one pod. How many there are is bounded by the pod's
 * slots: another one is only made for a request that no connection has room for.
 */
export const createHttp2Pool = (options: Http2ConnectionOptions): PodConnections =>
  new Http2Pool(options);
