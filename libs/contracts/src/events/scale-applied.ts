/** The actuator: the platform took the new scale. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { atMs, eventId, replicas } from '../values.ts';

export const ScaleApplied = defineEvent(
  'ScaleApplied',
  'The platform accepted the replica count.',
  z.strictObject({
    from: replicas,
    to: replicas,
    /** The decision (or the wake) that it follows. */
    decisionId: eventId,
    /** When the platform's answer came. */
    appliedAtMs: atMs,
    attempt: z.int().min(1),
    resourceVersion: z.string(),
    /** Why it was written: a decision, a drift put right, or a wake without a decider. */
    because: z.enum(['decided', 'drifted', 'woken']),
  }),
);
