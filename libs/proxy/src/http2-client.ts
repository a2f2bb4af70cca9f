/** The client's half of an exchange over HTTP/2: one stream of its connection. */

import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Dispatcher } from 'undici';
import type { ClientSide } from './client-side.ts';
import type { Failure } from './failure.ts';
import { grpcTrailers, isGrpcType } from './grpc-status.ts';
import type { Http2Source } from './http2-head.ts';
import { isHeaderFault, sendTrailers } from './http2-trailers.ts';
import { hintsOf } from './interim-response.ts';
import type { ProxyLimits } from './limits.ts';
import type { RawHeaders } from './raw-headers.ts';
import type { Refusal } from './refusal.ts';
import { type BodyRules, RequestBody } from './request-body.ts';
import { isBodiless, readResponseHead, readTrailers } from './response-head.ts';

const headerOf = (raw: readonly string[], name: string): string => {
  for (let i = 0; i < raw.length; i += 2) if (raw[i] === name) return raw[i + 1] as string;
  return '';
};

export class Http2Client implements ClientSide {
  readonly httpVersion = '2';
  readonly method: string;
  readonly #stream: ServerHttp2Stream;
  readonly #source: Http2Source;
  readonly #limits: ProxyLimits;
  /** A head that has not left yet, flat. */
  #head: string[] | null = null;
  #trailers: string[] = [];
  /** The response ends with its trailers, also when there are none. */
  #trailersDue = false;
  #discard = false;
  #bodyTrailers: readonly string[] = [];

  constructor(stream: ServerHttp2Stream, source: Http2Source, limits: ProxyLimits) {
    this.#stream = stream;
    this.#source = source;
    this.#limits = limits;
    this.method = headerOf(source.rawHeaders, ':method');
    stream.once('wantTrailers', () => this.#sendTrailersNow());
    stream.once('trailers', (_trailers: object, _flags: number, raw: string[]) => {
      this.#bodyTrailers = raw;
    });
  }

  get rawHeaders(): readonly string[] {
    return this.#source.rawHeaders;
  }
  get remoteAddress(): string {
    return this.#source.remoteAddress;
  }
  get headSent(): boolean {
    return this.#head !== null || this.#stream.headersSent;
  }
  get bodyRead(): boolean {
    return this.#stream.readableEnded;
  }

  onClosed(listener: () => void): void {
    this.#stream.once('close', listener);
  }

  openBody(rules: BodyRules): RequestBody {
    return new RequestBody(this.#stream, () => this.#bodyTrailers, rules);
  }

  sendContinue(): void {
    this.#sendInformation({ ':status': 100 });
  }

  sendInterim(status: number, headers: object): void {
    if (status === 103) this.#sendInformation({ ':status': status, ...hintsOf(headers) });
  }

  sendHead(status: number, _reason: string | undefined, raw: RawHeaders): number | null {
    const { headers, isCoded } = readResponseHead(raw);
    if (isCoded) return null;
    const head = [':status', String(status)];
    for (let i = 0; i < headers.length; i += 2) {
      head.push((headers[i] as string).toLowerCase(), headers[i + 1] as string);
    }
    this.#head = head;
    // Trailers may follow a body of any length, so that only the pod knows the end.
    return isBodiless(this.method, status) ? 0 : -1;
  }

  flushHead(): void {
    this.#respond({ waitForTrailers: true });
  }

  sendChunk(chunk: Buffer, controller: Dispatcher.DispatchController): void {
    this.flushHead();
    const stream = this.#stream;
    if (!stream.writable || stream.write(chunk)) return;
    controller.pause();
    stream.setTimeout(this.#limits.clientStallTimeoutMs, this.#stalled);
    stream.once('drain', () => {
      stream.setTimeout(0, this.#stalled);
      controller.resume();
    });
  }

  sendTrailers(raw: RawHeaders): void {
    for (const [name, value] of readTrailers(raw)) {
      this.#trailers.push(name.toLowerCase(), value);
    }
  }

  end(chunk?: Buffer): void {
    const stream = this.#stream;
    if (chunk === undefined && this.#trailers.length === 0) this.#respond({ endStream: true });
    this.flushHead();
    if (!stream.writable) return;
    if (chunk === undefined) stream.end();
    else stream.end(chunk);
    // What a client does not read is not kept for ever.
    stream.setTimeout(this.#limits.clientStallTimeoutMs, this.#stalled);
  }

  refuse(refusal: Refusal, resetCode?: number): void {
    if (resetCode !== undefined) {
      this.#stream.close(resetCode);
      return;
    }
    const type = headerOf(this.rawHeaders, 'content-type');
    if (isGrpcType(type)) {
      this.#head = [':status', '200', 'content-type', 'application/grpc', ...grpcTrailers(refusal)];
      this.#respond({ endStream: true });
    } else this.#refuseInText(refusal);
    if (!this.bodyRead) this.discardBody();
  }

  cutOff({ refusal, resetCode }: Failure): void {
    const isGrpc = isGrpcType(headerOf(this.rawHeaders, 'content-type'));
    if (resetCode !== undefined || !isGrpc) {
      this.#head = null;
      this.#stream.close(resetCode ?? constants.NGHTTP2_INTERNAL_ERROR);
      return;
    }
    this.#trailers = grpcTrailers(refusal);
    this.end();
    if (!this.bodyRead) this.discardBody();
  }

  discardBody(): void {
    const stream = this.#stream;
    // The client is asked to stop sending once its answer is whole (RFC 9113 8.1).
    if (this.#trailersDue) this.#discard = true;
    else if (stream.writableFinished) stream.close(constants.NGHTTP2_NO_ERROR);
    else stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
  }

  /** A connection that drains says so itself, to all of its streams. */
  closeAfter(): void {}

  #stalled = (): void => {
    this.#stream.close(constants.NGHTTP2_CANCEL);
  };

  #refuseInText({ status, message, retryAfterSeconds }: Refusal): void {
    const text = `${message}\n`;
    const head = [':status', String(status), 'content-type', 'text/plain; charset=utf-8'];
    head.push('content-length', String(Buffer.byteLength(text)));
    if (retryAfterSeconds !== undefined) head.push('retry-after', String(retryAfterSeconds));
    this.#head = head;
    this.#respond({});
    if (this.#stream.writable) this.#stream.end(this.method === 'HEAD' ? undefined : text);
  }

  #respond(options: { endStream?: boolean; waitForTrailers?: boolean }): void {
    const head = this.#head;
    const stream = this.#stream;
    this.#head = null;
    if (head === null || stream.headersSent || stream.destroyed || stream.closed) return;
    this.#trailersDue = options.waitForTrailers === true;
    try {
      stream.respond(head, options);
    } catch (error) {
      if (!isHeaderFault(error)) throw error;
      // A header that HTTP/1.1 lets pass and HTTP/2 does not: the client must not wait for more.
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    }
  }

  #sendTrailersNow(): void {
    const stream = this.#stream;
    this.#trailersDue = false;
    // Of a response that was cut off nothing may look like its end.
    if (stream.destroyed || stream.closed) return;
    sendTrailers(stream, this.#trailers);
    // In the same turn of the loop node would send the reset and leave the trailers out.
    if (this.#discard) setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
  }

  #sendInformation(headers: OutgoingHttpHeaders): void {
    const stream = this.#stream;
    if (this.headSent || stream.destroyed || stream.closed) return;
    try {
      stream.additionalHeaders(headers);
    } catch (error) {
      // Hints that cannot be sent are only hints.
      if (!isHeaderFault(error)) throw error;
    }
  }
}
