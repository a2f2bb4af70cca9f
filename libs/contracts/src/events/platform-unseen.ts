/** The watcher: blind for a workload. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { sentence } from '../values.ts';

export const PlatformUnseen = defineEvent(
  'PlatformUnseen',
  'The platform cannot be seen: pods and policy are as last known, and nothing is decided on them.',
  z.strictObject({ reason: sentence }),
);
