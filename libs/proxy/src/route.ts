/** What a caller answers when asked where a request goes: a target that forwards, or a refusal. */

import type { Balancer } from './balancer.ts';
import type { HoldingQueue } from './holding-queue.ts';
import type { HeldRequest } from './proxy-request.ts';

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
