/** An activator: the first request of a cold start was answered. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { atMs, count } from '../values.ts';

export const ColdStartCompleted = defineEvent(
  'ColdStartCompleted',
  'A request that found no pod was answered; the moments of its way, UTC ms, null when not seen.',
  z.strictObject({
    pod: z.string(),
    receivedAtMs: atMs,
    sampledAtMs: atMs.nullable(),
    decidedAtMs: atMs.nullable(),
    appliedAtMs: atMs.nullable(),
    podAppearedAtMs: atMs.nullable(),
    podAddressKnownAtMs: atMs.nullable(),
    connectedAtMs: atMs.nullable(),
    podReadyAtMs: atMs.nullable(),
    firstByteAtMs: atMs.nullable(),
    lastByteAtMs: atMs,
    status: z.int(),
    /** How many waited for the same pod to come. */
    waited: count,
  }),
);
