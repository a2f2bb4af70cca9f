/** The operator: a dead letter that needs no more attention. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { eventId, streamSeq } from '../values.ts';

export const DeadLetterDropped = defineEvent(
  'DeadLetterDropped',
  'A message that was put aside is dropped for good; it stays where it is and is skipped.',
  z.strictObject({
    /** The DeadLettered that is answered, and where it is in DEADLETTERS. */
    letterId: eventId,
    letterSeq: streamSeq,
    /** Who did so, for people. */
    by: z.string().min(1).max(256),
  }),
);
