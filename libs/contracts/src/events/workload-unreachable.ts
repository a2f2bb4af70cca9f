/** The watcher: nothing routes to the workload. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';

export const WorkloadUnreachable = defineEvent(
  'WorkloadUnreachable',
  'No route leads to the workload any more: its floor is zero.',
  z.strictObject({}),
);
