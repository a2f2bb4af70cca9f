/** The decider: it has looked. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { atMs, count, eventId, streamSeq } from '../values.ts';

export const DecidedThrough = defineEvent(
  'DecidedThrough',
  'All decisions of one tick have been recorded, even if there were none; a silent decider shows.',
  z.strictObject({
    tickId: eventId,
    tickAtMs: atMs,
    /** EVENTS have been folded through here. */
    throughSeq: streamSeq,
    workloads: count,
    decisions: count,
  }),
);
