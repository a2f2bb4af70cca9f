/** What went wrong with NATS: whether a retry can help, and which OutsideError it is in the end. */
import { OutsideError, type OutsideErrorCode } from '@flyball/contracts';
import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';

/** Raised by us when the connection is lost while an answer is awaited. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** `unknown`: try again · `missing`: nobody answers for this stream · `final`: no retry helps. */
export type FailureKind = 'unknown' | 'missing' | 'final';

/** Codes of the server's "wrong last sequence". */
const wrongLastSequence = new Set([10071, 10164]);
/** Storage, memory or account exhausted, or a limit of the stream reached. */
const full = new Set([10002, 10023, 10028, 10047, 10077, 10110, 10122]);
const streamNotFound = 10059;
const serverUnavailable = 503;
/** An earlier try of the same message is on its way through the cluster, or too much is. */
const underWay = new Set([10158, 10167]);

const causes = function* (error: unknown): Generator<unknown> {
  const maxDepth = 5;
  for (let depth = 0, next = error; depth < maxDepth && next !== undefined; depth += 1) {
    yield next;
    next = next instanceof Error ? next.cause : undefined;
  }
};

const first = <T>(error: unknown, is: (cause: unknown) => cause is T): T | undefined => {
  for (const cause of causes(error)) if (is(cause)) return cause;
  return undefined;
};

const isApiError = (error: unknown): error is JetStreamApiError =>
  error instanceof JetStreamApiError;
/** A wrong user or password, or a subject that the user may not write. */
export const isRefusal = (error: unknown): error is Error =>
  error instanceof errors.PermissionViolationError ||
  error instanceof errors.AuthorizationError ||
  error instanceof errors.UserAuthenticationExpiredError;
const isTransient = (error: unknown): error is Error =>
  error instanceof ConnectionLost ||
  error instanceof errors.TimeoutError ||
  error instanceof errors.ConnectionError;
const isClosed = (error: unknown): error is Error =>
  error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError;
const isNoResponders = (error: unknown): error is Error =>
  error instanceof errors.NoRespondersError ||
  (error instanceof Error && error.name === 'JetStreamNotEnabled');
const isTooLarge = (error: unknown): error is Error =>
  error instanceof errors.InvalidArgumentError && error.message.includes('max_payload');

/** True when a rival (or our own earlier try) wrote to the subject first. */
export const isWrongLastSequence = (error: unknown): boolean =>
  isApiError(error) && wrongLastSequence.has(error.code);

export const isStreamNotFound = (error: unknown): boolean =>
  isApiError(error) && error.code === streamNotFound;

/** The server says of itself that it cannot answer this yet. */
const isNotReady = ({ code, status }: JetStreamApiError): boolean =>
  status === serverUnavailable || underWay.has(code);

/** Says whether the same request may be sent again. */
export const failureKind = (error: unknown): FailureKind => {
  if (first(error, isRefusal) !== undefined || first(error, isClosed) !== undefined) return 'final';
  if (first(error, isNoResponders) !== undefined || isStreamNotFound(error)) return 'missing';
  if (isApiError(error) && full.has(error.code)) return 'final';
  if (isApiError(error)) return isNotReady(error) ? 'unknown' : 'final';
  return first(error, isTransient) === undefined ? 'final' : 'unknown';
};

const codeOf = (error: unknown): { code: OutsideErrorCode; retriable: boolean } | undefined => {
  const api = first(error, isApiError);
  if (first(error, isRefusal) !== undefined) return { code: 'NATS_REFUSED', retriable: false };
  if (first(error, isTooLarge) !== undefined) return { code: 'NATS_FULL', retriable: false };
  if (api !== undefined && full.has(api.code)) return { code: 'NATS_FULL', retriable: true };
  if (failureKind(error) === 'missing') return { code: 'NATS_STREAM_MISSING', retriable: true };
  if ((api !== undefined && isNotReady(api)) || first(error, isTransient) !== undefined) {
    return { code: 'NATS_TIMEOUT', retriable: true };
  }
  return first(error, isClosed) === undefined
    ? undefined
    : { code: 'NATS_UNREACHABLE', retriable: false };
};

/** The OutsideError for what the client library threw; an error that is none of NATS stays. */
export const toOutsideError = (error: unknown, doing: string): Error => {
  if (error instanceof OutsideError) return error;
  const known = codeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (known === undefined) return new Error(`${doing}: ${reason}`, { cause: error });
  return new OutsideError(known.code, `${doing}: ${reason}`, {
    retriable: known.retriable,
    cause: error,
  });
};
