/** What a caller answers when asked where a request goes: a target that forwards, or a refusal. */

import type { Balancer } from './balancer.ts';
import type { HoldingQueue } from './holding-queue.ts';
import type { Pod } from './pod.ts';

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

/** Something that can wait in a holding queue. It is told its end exactly once. */
export interface Holdable {
  /** Bytes that waiting costs: headers and socket buffers. The body is not read while held. */
  readonly heldBytes: number;
  /** Turn has come: a slot of this pod is taken for it already. */
  released(pod: Pod): void;
  /** It will not be served: waited too long, or there was no room for it. */
  refused(end: 'timedOut' | 'shed'): void;
}

/** A set of pods behind one name, and where requests wait for them. Callers extend it with their own. */
export interface ForwardTarget {
  readonly kind: 'target';
  readonly pods: Balancer;
  /** Where requests wait while no pod has a slot; without one they are answered 503 at once. */
  readonly holding: HoldingQueue<Holdable> | null;
  /** Overrides ProxyLimits.responseStartTimeoutMs for this target. */
  readonly responseStartTimeoutMs?: number;
  /** Overrides ProxyLimits.responseIdleTimeoutMs for this target. */
  readonly responseIdleTimeoutMs?: number;
}
