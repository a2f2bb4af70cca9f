/** The watcher: a pod answers. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';

export const PodReady = defineEvent(
  'PodReady',
  'The platform calls the pod ready.',
  z.strictObject({ pod: z.string() }),
);
