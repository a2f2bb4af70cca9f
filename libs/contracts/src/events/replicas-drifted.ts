/** The watcher: somebody else moved the replicas. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { replicas } from '../values.ts';

export const ReplicasDrifted = defineEvent(
  'ReplicasDrifted',
  'Another writer changed the replica count; the last decision is applied again.',
  z.strictObject({
    expected: replicas.nullable(),
    observed: replicas,
    /** Who did it, as the platform names it. */
    fieldManager: z.string(),
    resourceVersion: z.string(),
  }),
);
