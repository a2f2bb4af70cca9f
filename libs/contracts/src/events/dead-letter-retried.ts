/** The operator: a dead letter that its stage shall read again. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { eventId, streamSeq } from '../values.ts';

export const DeadLetterRetried = defineEvent(
  'DeadLetterRetried',
  'A message that was put aside is to be read again by the stage that could not take it.',
  z.strictObject({
    /** The DeadLettered that is answered, and where it is in DEADLETTERS. */
    letterId: eventId,
    letterSeq: streamSeq,
    /** Who asked for it, for people. */
    by: z.string().min(1).max(256),
  }),
);
