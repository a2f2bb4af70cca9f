/** The client's half of an exchange: what HTTP/1.1 and HTTP/2 both can do, each in its own way. */

import type { Dispatcher } from 'undici';
import type { Failure } from './failure.ts';
import type { RawHeaders } from './raw-headers.ts';
import type { Refusal } from './refusal.ts';
import type { BodyRules, RequestBody } from './request-body.ts';

/** One request's client. Nothing here throws, also when the client has left. */
export interface ClientSide {
  readonly method: string;
  /** Flat [name, value, …] as the client sent them. */
  readonly rawHeaders: readonly string[];
  readonly remoteAddress: string;
  /** '1.0', '1.1' or '2'. */
  readonly httpVersion: string;
  /** The head of the response is on its way: only its end can still be changed. */
  readonly headSent: boolean;
  /** Every byte of the request's body has been read. */
  readonly bodyRead: boolean;
  /** The listener is called when the client's connection or stream is closed, for any reason. */
  onClosed(listener: () => void): void;
  /** The request's body, unread until a pod wants it. */
  openBody(rules: BodyRules): RequestBody;
  /** The client may send its body now. */
  sendContinue(): void;
  /** Passes a pod's 1xx answer on where it means something to a client. */
  sendInterim(status: number, headers: object): void;
  /**
   * The head of a pod's response; it leaves with the body's first bytes or at `flushHead`. Returns
   * the bytes of body whose last one ends the response: -1 when its end will be told, 0: no body.
   * Null: nothing was sent, since the body is in a transfer coding that no client asked for.
   */
  sendHead(status: number, reason: string | undefined, raw: RawHeaders): number | null;
  flushHead(): void;
  /** A piece of the body; while the client does not take it the pod is paused. */
  sendChunk(chunk: Buffer, controller: Dispatcher.DispatchController): void;
  sendTrailers(raw: RawHeaders): void;
  /** Ends the response, with a last piece of its body or without. */
  end(chunk?: Buffer): void;
  /**
   * Says the refusal in place of a response, or, where a pod reset the request with an HTTP/2 error
   * code and the client understands it, resets it likewise. Only while no head was sent.
   */
  refuse(refusal: Refusal, resetCode?: number): void;
  /** Cuts the response off so that the client can tell it from a whole one. */
  cutOff(failure: Failure): void;
  /** The response has ended; what is left of the request's body is nobody's. */
  discardBody(): void;
  /** The client's connection takes no further request after this one. */
  closeAfter(): void;
}
