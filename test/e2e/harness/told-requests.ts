/** What judges read of requests that were held: by hand, not by the contracts that wrote it. */
import { z } from 'zod';

export const countSchema = z.object({
  held: z.int(),
  released: z.int(),
  timedOut: z.int(),
  shed: z.int(),
  abandoned: z.int(),
  waiting: z.int(),
});
export const lostSchema = z.object({
  instance: z.string(),
  lost: z.int(),
  lastCountId: z.string(),
});
