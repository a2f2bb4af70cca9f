/** The watcher: something routes to the workload. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { hostsMax, isHostName } from '../hosts.ts';

const hostName = z.string().refine(isHostName, 'must be a DNS name in lower case');

export const WorkloadReachable = defineEvent(
  'WorkloadReachable',
  'A route leads to the workload: its bounds hold. Recorded again when its hosts change.',
  z.strictObject({
    /** All hosts by which it is asked for beside its own name; absent: none. */
    hosts: z.array(hostName).max(hostsMax).optional(),
  }),
);
