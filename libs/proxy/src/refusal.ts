/** A request that is not forwarded, and what its client is told. */

/** The request is not forwarded; the client gets this status and the message as text. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly status: number;
  /** One sentence for the client: what was given, what is allowed, what to do. */
  readonly message: string;
  /** Sent as Retry-After when set. */
  readonly retryAfterSeconds?: number;
}

/** A refusal with this status and sentence. */
export const refuse = (status: number, message: string, retryAfterSeconds?: number): Refusal =>
  retryAfterSeconds === undefined
    ? { kind: 'refusal', status, message }
    : { kind: 'refusal', status, message, retryAfterSeconds };
