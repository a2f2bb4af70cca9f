/** The watcher: a pod no longer answers. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { sentence } from '../values.ts';

export const PodUnready = defineEvent(
  'PodUnready',
  'The pod is not ready any more: it drains, crashed or fails its probe.',
  z.strictObject({
    pod: z.string(),
    reason: z.enum(['draining', 'crashed', 'probe-failed', 'unknown']),
    message: sentence,
  }),
);
