/** The watcher: a pod ended. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';

export const PodGone = defineEvent(
  'PodGone',
  'The pod has ended and is not listed any more.',
  z.strictObject({ pod: z.string() }),
);
