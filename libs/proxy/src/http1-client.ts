/** The client's half of an exchange over HTTP/1.1: node's own request and response. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { answer } from './answer.ts';
import type { ClientSide } from './client-side.ts';
import { clientAddress } from './head-lines.ts';
import { passInterim } from './interim-response.ts';
import type { ProxyLimits } from './limits.ts';
import type { RawHeaders } from './raw-headers.ts';
import type { Refusal } from './refusal.ts';
import { type BodyRules, discardBody, RequestBody } from './request-body.ts';
import { endWith, passChunk } from './response-body.ts';
import { readTrailers, writeResponseHead } from './response-head.ts';

export class Http1Client implements ClientSide {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #limits: ProxyLimits;

  constructor(request: IncomingMessage, response: ServerResponse, limits: ProxyLimits) {
    this.#request = request;
    this.#response = response;
    this.#limits = limits;
  }

  get method(): string {
    return this.#request.method ?? 'GET';
  }
  get httpVersion(): string {
    return this.#request.httpVersion;
  }
  get rawHeaders(): readonly string[] {
    return this.#request.rawHeaders;
  }
  get remoteAddress(): string {
    return clientAddress(this.#request.socket);
  }
  get headSent(): boolean {
    return this.#response.headersSent;
  }

  get bodyRead(): boolean {
    return this.#request.readableEnded;
  }

  onClosed(listener: () => void): void {
    this.#response.on('close', listener);
  }

  openBody(rules: BodyRules): RequestBody {
    const request = this.#request;
    return new RequestBody(request, () => request.rawTrailers, rules);
  }

  sendContinue(): void {
    this.#response.writeContinue();
  }

  sendInterim(status: number, headers: object): void {
    passInterim(this.#request, this.#response, status, headers);
  }

  sendHead(status: number, reason: string | undefined, raw: RawHeaders): number | null {
    return writeResponseHead(this.#request, this.#response, status, reason, raw);
  }

  flushHead(): void {
    this.#response.flushHeaders();
  }

  sendChunk(chunk: Buffer, controller: Dispatcher.DispatchController): void {
    const { clientStallTimeoutMs } = this.#limits;
    passChunk(this.#request, this.#response, controller, chunk, clientStallTimeoutMs);
  }

  sendTrailers(raw: RawHeaders): void {
    this.#response.addTrailers(readTrailers(raw));
  }

  end(chunk?: Buffer): void {
    if (chunk === undefined) this.#response.end();
    else endWith(this.#response, chunk);
  }

  refuse(refusal: Refusal): void {
    answer(this.#request, this.#response, refusal, this.#limits);
  }

  cutOff(): void {
    this.#response.destroy();
  }

  discardBody(): void {
    const request = this.#request;
    this.#response.once('finish', () => discardBody(request, request.socket, this.#limits));
  }

  closeAfter(): void {
    this.#response.shouldKeepAlive = false;
  }
}
