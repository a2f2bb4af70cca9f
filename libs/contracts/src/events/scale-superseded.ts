/** The actuator: a decision that was overtaken. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { eventId, replicas } from '../values.ts';

export const ScaleSuperseded = defineEvent(
  'ScaleSuperseded',
  'A newer decision came before this one was applied; this one never will be.',
  z.strictObject({ to: replicas, decisionId: eventId, byDecisionId: eventId }),
);
