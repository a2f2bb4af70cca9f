/** The values that events are made of, each with its unit in its name. */
import { z } from 'zod';
import type { WorkloadKey } from './workload.ts';

/** UTC milliseconds since 1970, whole. */
export const atMs = z.int().min(0);
export const durationMs = z.int().min(0);
export const count = z.int().min(0);
/** What the scale of a Deployment can hold: 32 bits with a sign. */
export const replicasMax = 2_147_483_647;
export const replicas = z.int().min(0).max(replicasMax);
/** Thousandths, whole: the wire's form of averages and concurrencies. */
export const milli = z.int();
/** A position in a stream; 0 is before the first message. */
export const streamSeq = z.int().min(0);
export const eventId = z.string().min(1).max(1024);
/** `host:port`. */
export const address = z.string().regex(/^\S+:\d{1,5}$/, 'must be host:port');
/** W3C trace context, version 00. */
export const traceparent = z.string().regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
export const sentence = z.string().max(4096);

/** Where requests go: through the activator, or straight to the pods. */
export const routing = z.enum(['activator', 'pods']);
export type Routing = z.infer<typeof routing>;

export const mode = z.enum(['stable', 'panic']);
export type Mode = z.infer<typeof mode>;

export const workloadKeySchema = z.custom<WorkloadKey>(
  (value) => typeof value === 'string' && /^[^/\s]+\/[^/\s]+$/.test(value),
  'must be namespace/name',
);

/** A table in columns: every array is as long as the others. */
export const columns = <Shape extends Record<string, z.ZodArray>>(shape: Shape) =>
  z.strictObject(shape).refine(
    (table) => {
      const lengths = Object.values(table as Record<string, unknown[]>).map((c) => c.length);
      return lengths.every((length) => length === lengths[0]);
    },
    { message: 'all columns must have the same length' },
  );
