/** What a caller answers when asked where a request goes: a target that forwards, or a refusal. */

import type { Balancer } from './balancer.ts';
import type { HoldingQueue } from './holding-queue.ts';
import type { HeldRequest } from './proxy-request.ts';

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

/**
 * A set of pods behind one name, and where requests wait for them. Callers extend it with their
 * own.
 */
export interface ForwardTarget {
  readonly kind: 'target';
  readonly pods: Balancer;
  /** Where requests wait while no pod has a slot; without one they are answered 503 at once. */
  readonly holding: HoldingQueue<HeldRequest> | null;
  /** Overrides ProxyLimits.responseStartTimeoutMs for this target. */
  readonly responseStartTimeoutMs?: number;
  /** A sentence for a client whose request found no pod in time, when something is known. */
  readonly whyNoPod?: () => string | undefined;
  /** Overrides ProxyLimits.responseIdleTimeoutMs for this target. */
  readonly responseIdleTimeoutMs?: number;
}
