/** The watcher: a workload left. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';

export const WorkloadGone = defineEvent(
  'WorkloadGone',
  'A workload was deleted or opted out; what is known of it ends here.',
  z.strictObject({ uid: z.string(), reason: z.enum(['deleted', 'opted-out']) }),
);
