/** An activator: what became of the requests it held. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { count, durationMs } from '../values.ts';

export const RequestsCounted = defineEvent(
  'RequestsCounted',
  'The ledger of held requests since the last count: waiting = before + held − all the ends.',
  z.strictObject({
    /** Began to wait because no pod could take them. */
    held: count,
    /** Went on to a pod. */
    released: count,
    /** Answered 504 after the limit of waiting. */
    timedOut: count,
    /** Answered 503: a limit on held requests or bytes was reached, or the activator ended. */
    shed: count,
    /** Their client went away. */
    abandoned: count,
    /** Still waiting after this count. */
    waiting: count,
    /** The longest wait that ended in this count. */
    waitedMaxMs: durationMs,
  }),
);
