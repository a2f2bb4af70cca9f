/** The watcher: the policy in force. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { policyLayerSchema, policySchema } from '../policy.ts';
import { sentence } from '../values.ts';

interface VersionOne {
  readonly policy: object;
}

export const PolicySet = defineEvent(
  'PolicySet',
  'The whole policy of a workload, every effective value with the layer that set it.',
  z.strictObject({
    policy: policySchema,
    layers: z.record(z.string(), policyLayerSchema),
    warnings: z.array(sentence).max(200),
  }),
  [
    // The dead band of version 1 was no setting: 2 % for everyone.
    (v1: VersionOne) => ({ ...v1, policy: { ...v1.policy, tolerance: 0.02 } }),
  ],
);
