/** What the load's process is told, and what it tells. */
import { z } from 'zod';

const streamSchema = z.strictObject({
  workload: z.string(),
  host: z.string(),
  path: z.string(),
  /** Requests under way at the same time. */
  atOnce: z.int().min(1),
  /** Its requests wait for ever: only that none of them vanishes is of interest. */
  held: z.boolean(),
});
export type Stream = z.infer<typeof streamSchema>;

export const loadPlanSchema = z.strictObject({
  gatewayUrl: z.string(),
  /** How long a held request may wait. */
  heldLimitMs: z.int(),
  streams: z.array(streamSchema),
});
export type LoadPlan = z.infer<typeof loadPlanSchema>;

const outcomeSchema = z.object({
  workload: z.string(),
  /** Another status than 200, or the error of the connection. */
  how: z.string(),
  sentAtMs: z.int(),
  endedAtMs: z.int(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

export const loadReportSchema = z.object({
  sent: z.int(),
  answered: z.int(),
  heldSent: z.int(),
  heldAnswered: z.int(),
  /** Sent and not ended, without the held ones. */
  pending: z.int(),
  /** When the oldest of them was sent; now, when there is none. */
  oldestSentAtMs: z.int(),
  /** Those since the report before. */
  failures: z.array(outcomeSchema),
});
export type LoadReport = z.infer<typeof loadReportSchema>;
