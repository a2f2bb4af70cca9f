/** The watcher: requests that vanished with their activator. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { count, eventId } from '../values.ts';

export const RequestsLost = defineEvent(
  'RequestsLost',
  'What an activator that vanished still held, by its last count: with it the ledger balances.',
  z.strictObject({ instance: z.string(), lost: count, lastCountId: eventId }),
);
