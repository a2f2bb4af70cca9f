/** One request on an HTTP/2 connection to a pod, told to its handler as undici tells its own. */

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { type Dispatcher, errors } from 'undici';
import { sendTrailers } from './http2-trailers.ts';
import { PodReset } from './pod-reset.ts';
import type { RequestBody } from './request-body.ts';
import { readTrailers } from './response-head.ts';

export interface Http2RequestOptions {
  readonly authority: string;
  /** The connection is gone, so that what a stream ends with was not said by the pod. */
  readonly isBroken: () => boolean;
  readonly onAnswering: () => void;
  readonly onBroken: (error: Error) => void;
  /** Called once, when its stream is closed or could not be made. */
  readonly onClosed: () => void;
}

type ResponseHeaders = IncomingHttpHeaders & { readonly ':status'?: number | undefined };

/** Flat headers for `request`: pseudo-headers first, names in lower case, Host as :authority. */
const rawHeadersOf = (
  { method, path, headers }: Dispatcher.DispatchOptions,
  authority: string,
): string[] => {
  const given = headers as string[];
  const lines: string[] = [];
  let host = authority;
  for (let i = 0; i < given.length; i += 2) {
    const name = (given[i] as string).toLowerCase();
    if (name === 'host') host = given[i + 1] as string;
    else lines.push(name, given[i + 1] as string);
  }
  const pseudo = [':method', method, ':path', path, ':scheme', 'http', ':authority', host];
  // What a pod says behind its body is passed on.
  return [...pseudo, ...lines, 'te', 'trailers'];
};

export class Http2Request implements Dispatcher.DispatchController {
  readonly #given: Dispatcher.DispatchOptions;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #options: Http2RequestOptions;
  readonly #body: RequestBody | null;
  #stream: ClientHttp2Stream | null = null;
  #bodyEnded: boolean;
  /** The handler has been told its end, or asked not to be. */
  #done = false;
  #error: Error | null = null;
  paused = false;
  reason: Error | null = null;
  rawHeaders: string[] = [];
  rawTrailers: string[] | null = null;

  constructor(
    given: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
    options: Http2RequestOptions,
  ) {
    this.#given = given;
    this.#handler = handler;
    this.#options = options;
    // Whoever dispatches here gives a RequestBody; undici's type knows streams only.
    this.#body = given.body as unknown as RequestBody | null;
    this.#bodyEnded = this.#body === null;
  }

  get aborted(): boolean {
    return this.reason !== null;
  }

  start(session: ClientHttp2Session): void {
    this.#handler.onRequestStart?.(this, null);
    if (this.aborted) {
      this.#options.onClosed();
      return;
    }
    try {
      const headers = rawHeadersOf(this.#given, this.#options.authority);
      // A body that breaks off must not look whole: only trailers, were there none, end it.
      const ends = { endStream: this.#body === null, waitForTrailers: this.#body !== null };
      this.#stream = session.request(headers, ends);
    } catch (error) {
      this.#options.onClosed();
      // The connection went between its last sign of life and now, or a header cannot be sent.
      const closed = session.closed || session.destroyed;
      const cause = error as Error;
      this.#fail(
        closed
          ? new PodReset(constants.NGHTTP2_REFUSED_STREAM)
          : new errors.InvalidArgumentError(cause.message),
      );
      return;
    }
    this.#listen(this.#stream);
    if (this.#body !== null) this.#sendBody(this.#stream, this.#body);
  }

  abort(reason: Error): void {
    this.reason ??= reason;
    this.#done = true;
    this.#body?.destroy();
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  pause(): void {
    this.paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.paused = false;
    this.#stream?.resume();
  }

  #listen(stream: ClientHttp2Stream): void {
    const { headersTimeout } = this.#given;
    stream.setTimeout(headersTimeout ?? 0, () => this.#timedOut());
    stream.on('headers', (headers: ResponseHeaders) => {
      if (this.#done) return;
      this.#handler.onResponseStart?.(this, headers[':status'] ?? 0, headers);
    });
    stream.once('response', (headers, flags, raw) => this.#answered(headers, flags, raw));
    stream.once('trailers', (_headers, _flags, raw) => {
      this.rawTrailers = raw;
    });
    stream.on('error', (error: Error) => {
      this.#error ??= error;
    });
    stream.once('close', () => this.#closed(stream));
  }

  #answered(headers: ResponseHeaders, flags: number, raw: string[]): void {
    const stream = this.#stream as ClientHttp2Stream;
    this.#options.onAnswering();
    if (this.#done) return;
    stream.setTimeout(this.#given.bodyTimeout ?? 0);
    // The one pseudo-header of a response comes first.
    this.rawHeaders = raw.slice(2);
    this.#handler.onResponseStarted?.();
    this.#handler.onResponseStart?.(this, Number(headers[':status']), headers);
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
      stream.resume();
      this.#end();
      return;
    }
    stream.on('data', (chunk: Buffer) => {
      if (!this.#done) this.#handler.onResponseData?.(this, chunk);
    });
    stream.once('end', () => this.#end());
    if (this.paused) stream.pause();
  }

  #sendBody(stream: ClientHttp2Stream, body: RequestBody): void {
    body.on('data', (chunk: Buffer) => {
      if (!stream.writable) return;
      if (!stream.write(chunk)) body.pause();
    });
    body.once('end', () => {
      this.#bodyEnded = true;
      stream.end();
    });
    body.once('error', (error: Error) => {
      stream.close(constants.NGHTTP2_CANCEL);
      this.#fail(error);
    });
    stream.once('wantTrailers', () => {
      if (!this.#bodyEnded || stream.closed || stream.destroyed) return;
      const flat = readTrailers(body.trailers()).flat();
      const named = flat.map((part, at) => (at % 2 ? part : part.toLowerCase()));
      const fault = sendTrailers(stream, named);
      if (fault !== null) this.#fail(new errors.InvalidArgumentError(fault.message));
    });
    stream.on('drain', () => body.resume());
    body.resume();
  }

  #timedOut(): void {
    const late = this.rawHeaders.length === 0;
    this.#fail(late ? new errors.HeadersTimeoutError() : new errors.BodyTimeoutError());
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  #end(): void {
    if (this.#done) return;
    // Broken off in the middle: node ends what can be read of a stream that was reset, too.
    const { rstCode = 0 } = this.#stream ?? {};
    if (rstCode !== 0) return;
    this.#done = true;
    this.#handler.onResponseEnd?.(this, {});
    // The answer is whole: what is left of the request need not be sent.
    if (!this.#bodyEnded) this.#stream?.close(constants.NGHTTP2_NO_ERROR);
  }

  #closed(stream: ClientHttp2Stream): void {
    this.#options.onClosed();
    if (this.#done) return;
    const { rstCode = 0 } = stream;
    const said = this.#error === null || isStreamError(this.#error);
    if (said && !this.#options.isBroken()) this.#fail(new PodReset(rstCode));
    else {
      const error = said ? new errors.SocketError('other side closed') : (this.#error as Error);
      this.#options.onBroken(error);
      this.#fail(error);
    }
  }

  #fail(error: Error): void {
    if (this.#done) return;
    this.#done = true;
    this.#body?.destroy();
    this.#handler.onResponseError?.(this, error);
  }
}

const isStreamError = (error: Error): boolean =>
  'code' in error && error.code === 'ERR_HTTP2_STREAM_ERROR';
