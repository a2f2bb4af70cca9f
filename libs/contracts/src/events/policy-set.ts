/** The watcher: the policy in force. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { policyLayerSchema, policySchema } from '../policy.ts';
import { sentence } from '../values.ts';

export const PolicySet = defineEvent(
  'PolicySet',
  'The whole policy of a workload, every effective value with the layer that set it.',
  z.strictObject({
    policy: policySchema,
    layers: z.record(z.string(), policyLayerSchema),
    warnings: z.array(sentence).max(200),
  }),
);
