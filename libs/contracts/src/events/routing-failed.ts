/** The actuator: the way of requests could not be changed. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { eventId, routing, sentence } from '../values.ts';

export const RoutingFailed = defineEvent(
  'RoutingFailed',
  'The routing could not be changed; it stays as it was and is tried again.',
  z.strictObject({
    routing,
    decisionId: eventId,
    attempt: z.int().min(1),
    code: z.string(),
    message: sentence,
    retriable: z.boolean(),
  }),
);
