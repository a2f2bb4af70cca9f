/** The watcher: something routes to the workload. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';

export const WorkloadReachable = defineEvent(
  'WorkloadReachable',
  'A route leads to the workload: its bounds hold.',
  z.strictObject({}),
);
