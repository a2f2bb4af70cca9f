/** The decider: it has looked. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { atMs, count, eventId, streamSeq } from '../values.ts';

export const DecidedThrough = defineEvent(
  'DecidedThrough',
  'Every decision of one tick has been recorded; a silent decider is not a content one.',
  z.strictObject({
    tickId: eventId,
    tickAtMs: atMs,
    /** EVENTS have been folded through here. */
    throughSeq: streamSeq,
    workloads: count,
    decisions: count,
  }),
);
