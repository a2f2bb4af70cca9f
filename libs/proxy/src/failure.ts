/** Every way a request can fail at the proxy: what its client is told, and why it ended. */

import { constants as http2 } from 'node:http2';
import { tooLarge } from './head-lines.ts';
import type { ProxyLimits } from './limits.ts';
import { wasReusedConnection } from './pod.ts';
import { PodReset } from './pod-reset.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { BodyFault } from './request-body.ts';

/** Why a request's life at the proxy ended. */
export type EndReason =
  | 'answered'
  | 'abandoned'
  | 'timedOut'
  | 'shed'
  | 'noPod'
  | 'podFailed'
  | 'podTimedOut'
  | 'tooLarge'
  | 'stalled'
  | 'malformed'
  | 'upgradeEnded';

export interface Failure {
  readonly refusal: Refusal;
  readonly reason: EndReason;
  /** The HTTP/2 error code with which the pod reset the request, if it did. */
  readonly resetCode?: number;
}

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.name;

/** Errors that blame the request, not the pod: nothing was sent and no pod would fare better. */
const requestFaults: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

/**
 * The failure of a request that cannot be forwarded as it is; null when the request is not to
 * blame.
 */
export const requestFault = (error: Error): Failure | null =>
  requestFaults.has(codeOf(error))
    ? { refusal: refuse(400, `The request is malformed: ${error.message}.`), reason: 'malformed' }
    : null;

/** The failure of a pod that was sent a request and did not answer it properly. */
export const podFailure = (error: Error): Failure => {
  const code = codeOf(error);
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    const message = 'The pod took longer to answer than allowed.';
    return { refusal: refuse(504, message), reason: 'podTimedOut' };
  }
  if (error instanceof PodReset) {
    const refusal = refuse(502, `The pod reset the request (${error.codeName}).`);
    return { refusal, reason: 'podFailed', resetCode: error.resetCode };
  }
  const message = code.startsWith('HPE_')
    ? `The pod's response is not valid HTTP (${code}).`
    : `The connection to the pod failed before it answered (${code}).`;
  return { refusal: refuse(502, message), reason: 'podFailed' };
};

/** The failure of a request whose answer is in a transfer coding that nobody asked the pod for. */
export const codedByPod: Failure = {
  refusal: refuse(502, 'The pod answered in a Transfer-Encoding other than chunked.'),
  reason: 'podFailed',
};

/** True when the pod said that it has not begun with the request: another may have it. */
export const wasRefused = (error: Error): boolean =>
  error instanceof PodReset && error.resetCode === http2.NGHTTP2_REFUSED_STREAM;

/** The failure after every pod that was tried refused the connection. */
export const refusedByPods = (attempts: number): Failure => ({
  refusal: refuse(502, `The connection to the pod was refused (${attempts} tried).`),
  reason: 'podFailed',
});

const unavailable = (limits: ProxyLimits, why: string): Refusal => {
  const seconds = limits.retryAfterSeconds;
  return refuse(503, `The request was not served: ${why} Try again in ${seconds} s.`, seconds);
};

/** The failure of a request for which no pod has a slot, where requests are not held. */
export const noPod = (limits: ProxyLimits): Failure => ({
  refusal: unavailable(limits, 'no pod has room for it.'),
  reason: 'noPod',
});

/** The failure of a request that was held, or was to be; `why` is what is known of the pods. */
export const holdFailure = (
  end: 'timedOut' | 'shed',
  limits: ProxyLimits,
  why: string | undefined,
): Failure => {
  const known = why === undefined ? '' : ` ${why}`;
  const late = `The request was held, but no pod could take it in time.${known}`;
  return end === 'timedOut'
    ? { refusal: refuse(504, late), reason: end }
    : { refusal: unavailable(limits, 'too many requests wait already.'), reason: end };
};

/** The failure of a request whose body went wrong on its way. */
export const bodyFailure = (fault: BodyFault, limits: ProxyLimits): Failure => {
  const late = `The request body paused for more than ${limits.bodyIdleTimeoutMs} ms.`;
  return fault === 'tooLarge'
    ? { refusal: refuse(413, tooLarge(limits.bodyBytesMax)), reason: fault }
    : { refusal: refuse(408, late), reason: fault };
};

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * Whether a request whose bytes were sent may be sent again. Only a safe method without a body,
 * only when no byte of a response came, and only when the connection had been used before: then the
 * pod closed it while idle. A fresh connection that breaks may have broken because of this request.
 */
export const mayReplay = (method: string, hasBody: boolean, error: Error): boolean =>
  !hasBody && safeMethods.has(method) && wasReusedConnection(error);
