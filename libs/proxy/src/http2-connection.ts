/** One HTTP/2 connection to a pod: requests wait until it stands, then share it. */

import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectSocket, type Socket } from 'node:net';
import { type Dispatcher, errors } from 'undici';
import { Http2Request } from './http2-request.ts';
import type { PodConnectionLimits } from './pod-connections.ts';

export interface Http2ConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** `host:port` as a URL spells it. */
  readonly authority: string;
  readonly limits: PodConnectionLimits;
  /** An error ended a connection that had carried an answer before. */
  readonly markReused: (error: Error) => void;
}

/** Header lines of a response; more resets its request. */
const responseHeadersMax = 256;

/** A request, and who hears of it. */
export type Dispatched = readonly [Dispatcher.DispatchOptions, Dispatcher.DispatchHandler];

/** Whose connection it is. */
export interface Http2ConnectionOwner {
  /** The pod allows fewer at once than have waited: these are for another connection. */
  readonly onOverflow: (overflow: readonly Dispatched[]) => void;
  readonly onClosed: () => void;
}

/**
 * `connecting`: until the pod's settings have come, by which it is known to speak HTTP/2 and how
 * much of it at once. `leaving`: finishes what it has.
 */
type Phase = 'connecting' | 'open' | 'leaving' | 'closed';

export class Http2Connection {
  readonly #options: Http2ConnectionOptions;
  readonly #owner: Http2ConnectionOwner;
  readonly #socket: Socket;
  readonly #session: ClientHttp2Session;
  readonly #waiting: Dispatched[] = [];
  #phase: Phase = 'connecting';
  #streams = 0;
  #answered = false;
  /** Ends the connecting, or the idling. */
  #timer: NodeJS.Timeout;

  constructor(options: Http2ConnectionOptions, owner: Http2ConnectionOwner) {
    const { host, port, limits } = options;
    this.#options = options;
    this.#owner = owner;
    const socket = connectSocket({ host, port, noDelay: true });
    this.#socket = socket;
    this.#session = connect(`http://${options.authority}`, {
      createConnection: () => socket,
      maxHeaderListPairs: responseHeadersMax,
      settings: { enablePush: false, maxHeaderListSize: limits.responseHeaderBytesMax },
    });
    this.#timer = this.#after(limits.connectTimeoutMs, () =>
      this.#session.destroy(new errors.ConnectTimeoutError('The pod did not answer in HTTP/2.')),
    );
    this.#session.once('remoteSettings', () => this.#opened());
    this.#session.once('goaway', () => this.leave());
    this.#session.once('error', (error: Error) => this.#ended(error));
    this.#session.once('close', () => this.#ended(new errors.SocketError('other side closed')));
  }

  /** True when another request may be sent on it. */
  hasRoom(): boolean {
    const { streamsPerConnectionMax } = this.#options.limits;
    if (this.#phase === 'connecting') return this.#waiting.length < streamsPerConnectionMax;
    return this.#phase === 'open' && this.#streams < this.#streamsMax();
  }

  send(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    if (this.#phase === 'connecting') this.#waiting.push([options, handler]);
    else this.#begin(options, handler);
  }

  /** Takes no further request; closes after the last one. */
  leave(): void {
    if (this.#phase !== 'open' && this.#phase !== 'connecting') return;
    const connecting = this.#phase === 'connecting';
    if (connecting && this.#waiting.length > 0) return;
    this.#phase = 'leaving';
    clearTimeout(this.#timer);
    this.#session.close();
  }

  /** One is asked for even of a pod that allows none: it may say why not. */
  #streamsMax(): number {
    const { streamsPerConnectionMax } = this.#options.limits;
    const allowed = this.#session.remoteSettings.maxConcurrentStreams ?? streamsPerConnectionMax;
    return Math.max(1, Math.min(allowed, streamsPerConnectionMax));
  }

  #opened(): void {
    if (this.#phase !== 'connecting') return;
    clearTimeout(this.#timer);
    this.#phase = 'open';
    const waited = this.#waiting.splice(0);
    const most = this.#streamsMax();
    for (const [options, handler] of waited.slice(0, most)) this.#begin(options, handler);
    if (waited.length > most) this.#owner.onOverflow(waited.slice(most));
    if (this.#streams === 0) this.#idle();
  }

  #begin(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    clearTimeout(this.#timer);
    this.#streams++;
    const request = new Http2Request(options, handler, {
      authority: this.#options.authority,
      isBroken: () => this.#socket.destroyed,
      onAnswering: () => {
        this.#answered = true;
      },
      onBroken: (error) => {
        if (this.#answered) this.#options.markReused(error);
      },
      onClosed: () => {
        this.#streams--;
        if (this.#streams === 0) this.#idle();
      },
    });
    request.start(this.#session);
  }

  #idle(): void {
    if (this.#phase !== 'open') return;
    this.#timer = this.#after(this.#options.limits.podKeepAliveMs, () => this.leave());
  }

  #ended(error: Error): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    clearTimeout(this.#timer);
    this.#owner.onClosed();
    const spoke = this.#socket.bytesRead > 0;
    for (const [, handler] of this.#waiting.splice(0)) {
      // What the pod said is not HTTP/2: it took the connection, so that no try again will help.
      if (spoke) handler.onRequestStart?.(notBegun, null);
      handler.onResponseError?.(notBegun, error);
    }
  }

  #after(ms: number, task: () => void): NodeJS.Timeout {
    const timer = setTimeout(task, ms);
    timer.unref();
    return timer;
  }
}

/** The controller of a request that never got as far as a stream. */
const notBegun: Dispatcher.DispatchController = Object.freeze({
  aborted: true,
  paused: false,
  reason: null,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
});
