/** Any stage: a message that it could not take. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { sentence, streamSeq } from '../values.ts';

/** A poison message is kept up to this length. */
export const deadLetterBodyMax = 65_536;

export const DeadLettered = defineEvent(
  'DeadLettered',
  'A message was put aside so that its partition goes on: what, from where, why.',
  z.strictObject({
    stage: z.string(),
    stream: z.string(),
    subject: z.string(),
    seq: streamSeq,
    code: z.string(),
    reason: sentence,
    body: z.string().max(deadLetterBodyMax),
    truncated: z.boolean(),
  }),
);
