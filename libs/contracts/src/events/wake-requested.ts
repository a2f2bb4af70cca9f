/** An activator: a workload at zero is wanted. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { atMs, count } from '../values.ts';

export const WakeRequested = defineEvent(
  'WakeRequested',
  'Requests wait at a workload without pods; the actuator obeys it when the decider is silent.',
  z.strictObject({ waiting: count, waitingSinceMs: atMs }),
);
