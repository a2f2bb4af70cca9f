/** The windower: the averages at one moment. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { atMs, columns, milli, streamSeq, traceparent, workloadKeySchema } from '../values.ts';

/** Rows of one message at most; a larger tick has several parts. */
export const tickRowsMax = 500;

/** Measured, blind (nobody could measure), or unobserved (no pods, nothing held). */
export const seen = z.enum(['measured', 'blind', 'unobserved']);
export type Seen = z.infer<typeof seen>;

/** One column per value; the n-th entry of each belongs to the n-th workload. */
const rows = columns({
  workloads: z.array(workloadKeySchema).max(tickRowsMax),
  /** Average over the stable window, thousandths; null without data. */
  stableMilli: z.array(milli.nullable()),
  panicMilli: z.array(milli.nullable()),
  seen: z.array(seen),
  /** The newest second that any source covered, UTC ms; null when never. */
  coveredAtMs: z.array(atMs.nullable()),
  /** Requests in flight now; null unless the row was poked. */
  inFlight: z.array(z.int().min(0).nullable()),
  /** Trace context of the first held request of a poked row. */
  traceparents: z.array(traceparent.nullable()),
});

export const TickObserved = defineEvent(
  'TickObserved',
  'Every 2 s the averages that changed; in between, a poke for a first request or a burst.',
  z.strictObject({
    kind: z.enum(['tick', 'poke']),
    /** This message is part `part` of `parts`, counted from 1. */
    part: z.int().min(1),
    parts: z.int().min(1),
    /** SAMPLES have been folded through here. */
    samplesThroughSeq: streamSeq,
    /** Policy and platform events have been folded through here. */
    eventsThroughSeq: streamSeq,
    rows,
  }),
);

export type TickRows = z.infer<typeof rows>;
