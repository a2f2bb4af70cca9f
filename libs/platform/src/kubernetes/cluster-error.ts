/** What a Kubernetes API server refused or did not answer, as an error of the outside world. */
import { OutsideError, type OutsideErrorCode } from '@flyball/contracts';
import { ApiException } from '@kubernetes/client-node';

/** A server's own words in an error are cut after this many characters. */
const reasonCharsMax = 500;
/** A server may ask for a longer pause; nobody waits longer than this for it. */
const retryAfterMaxMs = 30_000;

/** An OutsideError that also says what the server answered, and when to come back. */
export class ClusterError extends OutsideError {
  /** The HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** How long the server asked to wait, in ms; undefined when it did not. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: OutsideErrorCode,
    message: string,
    options: {
      readonly retriable: boolean;
      readonly status?: number | undefined;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(code, message, options);
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Storage that is full answers as an internal error; only its text tells. */
const isFull = (status: number, text: string): boolean =>
  status === 507 || (status >= 500 && text.includes('database space exceeded'));

const codeOf = (status: number, text: string): OutsideErrorCode => {
  if (isFull(status, text)) return 'DISK_FULL';
  // 410 is an expired resourceVersion, no missing object: who reads again goes on.
  if (status === 409 || status === 410) return 'PLATFORM_CONFLICT';
  if (status === 404) return 'PLATFORM_GONE';
  if (status === 408 || status === 429 || status >= 500) return 'PLATFORM_UNREACHABLE';
  return 'PLATFORM_REFUSED';
};

interface Status {
  readonly message: string;
  readonly retryAfterSeconds: number | undefined;
}

/** Errors come as a Status object, but not those of a proxy on the way. */
const statusIn = (body: string): Status => {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) throw new SyntaxError('no object');
    const { message, details } = parsed as { message?: unknown; details?: unknown };
    const seconds = (details as { retryAfterSeconds?: unknown } | null | undefined)
      ?.retryAfterSeconds;
    return {
      message: typeof message === 'string' ? message : body,
      retryAfterSeconds: typeof seconds === 'number' ? seconds : undefined,
    };
  } catch {
    return { message: body, retryAfterSeconds: undefined };
  }
};

/** The header in ms, as seconds or as a date; undefined when it says nothing that can be read. */
const headerMs = (header: string | undefined, nowMs: number): number | undefined => {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
};

export interface RefusedAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: string | undefined;
}

/** An answer that is an error. 401 may succeed later: credentials are read anew for it. */
export const refusedAnswer = (answer: RefusedAnswer, what: string): ClusterError => {
  const { status, body, retryAfter } = answer;
  const { message, retryAfterSeconds } = statusIn(body);
  const code = codeOf(status, message);
  const asked =
    headerMs(retryAfter, Date.now()) ??
    (retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000);
  const said = message.trim().slice(0, reasonCharsMax) || 'without a word';
  return new ClusterError(code, `${what}: the API server answered ${status}: ${said}`, {
    retriable: code === 'PLATFORM_UNREACHABLE' || code === 'DISK_FULL' || status === 401,
    status,
    retryAfterMs: asked === undefined ? undefined : Math.min(asked, retryAfterMaxMs),
  });
};

/** What went wrong, in the words of its innermost cause. */
const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${wordsOf(error.cause)}` : '';
  return `${error.message || error.name}${cause}`;
};

/**
 * Any failure of a call as an OutsideError; `what` names the call: `patching default/web`. 409 and
 * 410 PLATFORM_CONFLICT, 404 PLATFORM_GONE, other 4xx PLATFORM_REFUSED; 408, 429, 5xx, sockets and
 * limits of time PLATFORM_UNREACHABLE; a full store DISK_FULL.
 */
export const outsideErrorOf = (error: unknown, what: string): ClusterError => {
  if (error instanceof ClusterError) return error;
  if (error instanceof OutsideError) {
    return new ClusterError(error.code, `${what}: ${error.message}`, {
      retriable: error.retriable,
      cause: error,
    });
  }
  if (error instanceof ApiException) {
    const { code: status, body, headers } = error as ApiException<unknown>;
    const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
    return refusedAnswer({ status, body: text, retryAfter: headers?.['retry-after'] }, what);
  }
  const message = `${what}: the API server did not answer: ${wordsOf(error)}`;
  return new ClusterError('PLATFORM_UNREACHABLE', message, { retriable: true, cause: error });
};

/** Was a resourceVersion or a listing's next page asked for that the server no longer has? */
export const isExpired = (error: unknown): boolean =>
  error instanceof ClusterError && error.status === 410;
