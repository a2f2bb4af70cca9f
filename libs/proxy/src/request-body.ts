/**
 * A request's body on its way to a pod: counted, limited, timed, and detachable from the client.
 */

import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** The longest time that node's timers can wait; what is longer would run out at once. */
const timerMsMax = 2 ** 31 - 1;

/** What stops a body before its end. */
export type BodyFault = 'tooLarge' | 'stalled';

export interface BodyRules {
  readonly bytesMax: number;
  readonly idleTimeoutMs: number;
  readonly onFault: (fault: BodyFault) => void;
}

/** A client's request, which says whether it was broken off: its end tells that of HTTP/2 too. */
type BodySource = Readable & { readonly aborted: boolean };

/**
 * The part of a Readable that undici uses of a body stream, in front of the client's request. It
 * exists because undici destroys the body it was given, and the client's connection must outlive
 * that: to carry the error answer, or to send the same body, still unread, to another pod. Nothing
 * is read from the client before undici has a connection and calls `resume`.
 */
export class RequestBody extends EventEmitter {
  readonly readable = true;
  destroyed = false;
  /** Bytes handed on so far. */
  bytes = 0;
  readonly #request: BodySource;
  readonly #rules: BodyRules;
  #attached = false;
  /** Its own, since that of the connection, or of the stream in it, times the answer. */
  #silence: NodeJS.Timeout | undefined = undefined;
  /** What the client sent behind the body, flat; known once it has ended. */
  readonly trailers: () => readonly string[];

  constructor(request: BodySource, trailers: () => readonly string[], rules: BodyRules) {
    super();
    this.trailers = trailers;
    this.#request = request;
    this.#rules = rules;
  }

  /** undici takes an object with `pipe` and `on` for a stream; it never pipes one. */
  pipe(): never {
    throw new Error('A RequestBody is read by its events; it cannot be piped.');
  }

  resume(): this {
    if (this.destroyed) return this;
    if (!this.#attached) {
      this.#attached = true;
      const request = this.#request;
      request.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError);
      if (request.readableEnded) {
        // Read to its end for another pod, which refused it: nobody tells that end again.
        queueMicrotask(this.#onEnd);
        return this;
      }
    }
    this.#expectMore();
    this.#request.resume();
    return this;
  }

  /** The pod is slow: the client is not read, and its silence is not held against it. */
  pause(): this {
    if (this.destroyed) return this;
    clearTimeout(this.#silence);
    this.#request.pause();
    return this;
  }

  /** Lets go of the client's request without harming it. */
  destroy(_error?: Error): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    if (this.#attached) {
      const request = this.#request;
      request.off('data', this.#onData).off('end', this.#onEnd);
      clearTimeout(this.#silence);
      if (!request.readableEnded) request.pause();
    }
    this.emit('close');
    return this;
  }

  #expectMore(): void {
    clearTimeout(this.#silence);
    const ms = Math.min(this.#rules.idleTimeoutMs, timerMsMax);
    this.#silence = setTimeout(this.#onSilence, ms);
    this.#silence.unref();
  }

  #onData = (chunk: Buffer): void => {
    this.#silence?.refresh();
    this.bytes += chunk.length;
    if (this.bytes > this.#rules.bytesMax) {
      this.pause();
      this.#rules.onFault('tooLarge');
    } else this.emit('data', chunk);
  };

  #onEnd = (): void => {
    if (this.destroyed) return;
    clearTimeout(this.#silence);
    // What was broken off is not whole: its close, which follows, takes it from the pod.
    if (!this.#request.aborted) this.emit('end');
  };

  /**
   * Stays with the request to its end: node decides whether to emit an error while someone listens,
   * and emits it two turns later, when it would be nobody's and end the process.
   */
  #onError = (error: Error): void => {
    // The pod is not to be blamed for a client that has left.
    if (this.destroyed || this.#request.aborted) return;
    if (this.listenerCount('error') > 0) this.emit('error', error);
  };

  #onSilence = (): void => {
    this.#rules.onFault('stalled');
  };
}

export interface DiscardLimits {
  readonly discardBytesMax: number;
  readonly discardMs: number;
}

/**
 * Reads what is left of a body that nobody wants, so that the client, still sending, gets to see
 * its answer; closes the connection when that takes too long or is too much.
 */
export const discardBody = (request: IncomingMessage, socket: Socket, limits: DiscardLimits) => {
  let bytes = 0;
  const timer = setTimeout(() => socket.destroy(), limits.discardMs);
  timer.unref();
  const stop = (): void => {
    clearTimeout(timer);
    socket.off('close', stop);
  };
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limits.discardBytesMax) socket.destroy();
  });
  request.once('end', stop);
  request.once('error', stop);
  socket.once('close', stop);
  request.resume();
};
