/** The watcher: settings that cannot be taken. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { sentence } from '../values.ts';

export const PolicyRefused = defineEvent(
  'PolicyRefused',
  'Settings were refused as a whole; the policy that was in force before stays.',
  z.strictObject({
    complaints: z
      .array(
        z.strictObject({
          path: z.string(),
          key: z.string(),
          value: z.string(),
          allowed: sentence,
          message: sentence,
        }),
      )
      .min(1)
      .max(200),
  }),
);
