/** The watcher: sees again. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { count } from '../values.ts';

export const PlatformSeen = defineEvent(
  'PlatformSeen',
  'The platform is seen again; the differences that were missed have been written before this.',
  z.strictObject({ unseenMs: count }),
);
