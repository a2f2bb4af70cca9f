/**
 * What callers and the holding queue may know of a request: read-only, taken from its one parsed
 * head.
 */

import type { Socket } from 'node:net';
import type { ClientSide } from './client-side.ts';
import { earlyBytesMax } from './early-bytes.ts';
import type { RequestHead } from './head-lines.ts';
import type { Pod } from './pod.ts';
import type { ProxyRequest } from './proxy-request.ts';

/** What a held connection costs besides its headers: objects and kernel structures, roughly. */
const heldOverheadBytes = 4 * 1024;
/** Body bytes that node reads into its buffers before anyone asks for them. */
const heldBodyBytesMax = 64 * 1024;

/** The upgrade part of a request that asks to leave HTTP. */
export interface UpgradeRequest {
  readonly protocol: string;
  readonly socket: Socket;
  /** Takes the connection from node's response, which writes to it no more. */
  readonly leaveHttp: () => void;
  /** Takes over the reading: gives the bytes that came behind the request so far. */
  readonly takeEarlyBytes: () => Buffer;
}

/** A request with its head and, where it asks for one, its upgrade. */
export class RequestView implements ProxyRequest {
  protected readonly client: ClientSide;
  protected readonly head: RequestHead;
  protected readonly upgradeRequest: UpgradeRequest | null;
  pod: Pod | null = null;
  note: unknown = null;

  constructor(client: ClientSide, head: RequestHead, upgrade: UpgradeRequest | null) {
    this.client = client;
    this.head = head;
    this.upgradeRequest = upgrade;
  }

  get method(): string {
    return this.client.method;
  }
  get path(): string {
    return this.head.path;
  }
  get host(): string {
    return this.head.host;
  }
  get httpVersion(): string {
    return this.client.httpVersion;
  }
  get remoteAddress(): string {
    return this.client.remoteAddress;
  }
  get rawHeaders(): readonly string[] {
    return this.client.rawHeaders;
  }
  get traceparent(): string | null {
    return this.head.traceparent;
  }
  get marked(): boolean {
    return this.head.marked;
  }
  get upgrade(): string | null {
    return this.upgradeRequest === null ? null : this.upgradeRequest.protocol;
  }
  /** Bytes that waiting costs: headers, what is buffered of a body, and a flat share. */
  get heldBytes(): number {
    const { hasBody, contentLength, headerBytes } = this.head;
    const length = contentLength < 0 ? heldBodyBytesMax : contentLength;
    const body = hasBody ? Math.min(length, heldBodyBytesMax) : 0;
    const early = this.upgradeRequest === null ? 0 : earlyBytesMax;
    return heldOverheadBytes + headerBytes + body + early;
  }
}
