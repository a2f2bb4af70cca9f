/** The actuator: requests now take this way. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { atMs, eventId, routing } from '../values.ts';

export const RoutingApplied = defineEvent(
  'RoutingApplied',
  'The activator was put into the path, or taken out of it.',
  z.strictObject({ routing, decisionId: eventId, appliedAtMs: atMs }),
);
