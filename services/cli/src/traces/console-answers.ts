/** What a console answers about traces, read strictly enough to rely on it. */
import { traceKinds } from '@flyball/console/wire';
import { phases } from '@flyball/telemetry';
import type { ReceivedSpan, TraceSummary } from '@flyball/telemetry/sink';
import { z } from 'zod';

const traceId = z.string().regex(/^[0-9a-f]{32}$/);
const spanId = z.string().regex(/^[0-9a-f]{16}$/);
const attributes = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const summarySchema = z.object({
  traceId,
  kind: z.enum(traceKinds),
  workload: z.string().nullable(),
  workloads: z.array(z.string()).default([]),
  name: z.string(),
  startMs: z.number(),
  durationMs: z.number(),
  spans: z.int(),
  dropped: z.int(),
  error: z.string().nullable(),
  phases: z.array(z.object({ phase: z.enum(phases), startMs: z.number(), durationMs: z.number() })),
}) satisfies z.ZodType<TraceSummary>;

export const summariesSchema = z.array(summarySchema);

/** An event of the log, as it is told beside a trace. */
export interface TracedEvent {
  readonly seq: number;
  readonly id: string;
  readonly atMs: number;
  /** `Decided`; a console of a later version may know others. */
  readonly type: string;
  readonly workload: string | null;
  readonly sentence: string;
  readonly traceId: string | null;
}

export interface TraceAnswer {
  readonly summary: TraceSummary;
  readonly spans: readonly ReceivedSpan[];
  readonly events: readonly TracedEvent[];
  /** Why the log could not be asked for them, in a sentence; null: it was asked. */
  readonly eventsAway: string | null;
}

export const traceSchema = z.object({
  summary: summarySchema,
  spans: z.array(
    z.object({
      traceId,
      spanId,
      parentSpanId: spanId.nullable(),
      name: z.string(),
      kind: z.enum(['internal', 'server', 'client', 'producer', 'consumer']),
      startMs: z.number(),
      endMs: z.number(),
      attributes,
      links: z.array(z.object({ traceId, spanId, attributes: attributes.default({}) })),
      error: z.string().nullable(),
      service: z.string(),
      instance: z.string(),
    }),
  ),
  events: z.array(
    z.object({
      seq: z.int(),
      id: z.string(),
      atMs: z.number(),
      type: z.string(),
      workload: z.string().nullable(),
      sentence: z.string(),
      traceId: traceId.nullable(),
    }),
  ),
  eventsAway: z.string().nullable().default(null),
}) satisfies z.ZodType<TraceAnswer>;

export const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string() }),
});
