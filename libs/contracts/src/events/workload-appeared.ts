/** The watcher: a workload came under Flyball. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { atMs, replicas } from '../values.ts';

export const WorkloadAppeared = defineEvent(
  'WorkloadAppeared',
  'A workload was taken over by Flyball, or was seen again after it was gone.',
  z.strictObject({
    uid: z.string(),
    /** What the platform asks for at this moment. */
    replicas,
    createdAtMs: atMs,
    /** Had pods when it came: it keeps them until one stable window is covered. */
    adopted: z.boolean(),
    resourceVersion: z.string(),
  }),
);
