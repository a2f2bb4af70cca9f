/** A source: its state in one second. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { atMs, columns, milli, traceparent, workloadKeySchema } from '../values.ts';

/** Workloads of one batch at most. */
export const sampleRowsMax = 20_000;

export const SamplesReported = defineEvent(
  'SamplesReported',
  'The state of one source in one second; the same source and second again replaces it.',
  z.strictObject({
    source: z.string().min(1),
    /** Start of the second, UTC ms. */
    secondAtMs: atMs.refine((value) => value % 1000 === 0, 'must be a whole second'),
    /**
     * False: the whole second of this source; a workload in `covered` without a row is zero.
     * True: a poke in the middle of the second; only its rows are replaced.
     */
    partial: z.boolean(),
    rows: columns({
      workloads: z.array(workloadKeySchema).max(sampleRowsMax),
      /** Time-weighted requests in flight, thousandths; null: the source could not measure. */
      concurrencyMilli: z.array(milli.min(0).nullable()),
      /** Requests that arrived in the second, thousandths. */
      requestsMilli: z.array(milli.min(0).nullable()),
      /** Requests in flight when this was sent. */
      inFlight: z.array(z.int().min(0)),
      traceparents: z.array(traceparent.nullable()),
    }),
    /** Workloads that the source watches and that had nothing: zero, not blind. */
    covered: z.array(workloadKeySchema).max(sampleRowsMax),
  }),
);

export type SamplesReportedData = z.infer<typeof SamplesReported.schema>;
