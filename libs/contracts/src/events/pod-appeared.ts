/** The watcher: a pod exists. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { address, atMs } from '../values.ts';

export const PodAppeared = defineEvent(
  'PodAppeared',
  'A pod was created, or its address became known; a later one replaces the one before.',
  z.strictObject({
    pod: z.string(),
    /** Where requests go; null until it is known. */
    address: address.nullable(),
    /** Where its queue-proxy reports concurrency; null when it has none. */
    metricsAddress: address.nullable(),
    /** How it is spoken to, gRPC aside; HTTP/1.1 when it is not said. */
    protocol: z.literal('h2c').optional(),
    createdAtMs: atMs,
  }),
);
