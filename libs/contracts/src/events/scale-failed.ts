/** The actuator: the platform did not take the new scale. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { eventId, replicas, sentence } from '../values.ts';

export const ScaleFailed = defineEvent(
  'ScaleFailed',
  'The platform refused or did not answer; it is tried again unless a newer decision comes.',
  z.strictObject({
    to: replicas,
    decisionId: eventId,
    attempt: z.int().min(1),
    code: z.string(),
    message: sentence,
    retriable: z.boolean(),
  }),
);
