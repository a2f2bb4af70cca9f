/** The windower: one minute of one workload, kept for replay. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { atMs, columns, count, durationMs, eventId, milli, traceparent } from '../values.ts';
import { seen } from './tick-observed.ts';

export const secondsPerMinute = 60;

/** The n-th tick of the minute that evaluated this workload, counted from 0. */
const tick = count;
const secondValues = z.array(milli.nullable()).length(secondsPerMinute);

/** How averages that are not written out follow from the recorded seconds. */
const recomputed = z.strictObject({
  metric: z.enum(['concurrency', 'rps']),
  stableWindowMs: durationMs,
  panicWindowMs: durationMs,
  /** True: the windows are empty at the start of this minute, earlier minutes do not count. */
  restarted: z.boolean(),
});

export const MinuteRecorded = defineEvent(
  'MinuteRecorded',
  'The seconds of one minute, its ticks, and those averages that late samples changed.',
  z.strictObject({
    minuteAtMs: atMs,
    /** Concurrency of each second, thousandths; null: not covered. */
    concurrencyMilli: secondValues,
    requestsMilli: secondValues,
    /** The seconds (0 to 59) in which a covering source could not measure. */
    blindSeconds: z.array(z.int().min(0).lt(secondsPerMinute)),
    /**
     * The messages of TickObserved that evaluated this workload: the one with its row, or the last
     * part of a tick without one. Each position as the difference to the one before.
     */
    seqs: z.array(count),
    /** By run: `[first tick, ms since the tick before]`; the first is since the minute's start. */
    times: z.array(z.tuple([tick, durationMs])),
    /** By run: `[first tick, part, parts]`. */
    parts: z.array(z.tuple([tick, z.int().min(1), z.int().min(1)])),
    /** By run: `[first tick, what its row says was seen]`; null: no row for this workload. */
    rows: z.array(z.tuple([tick, seen.nullable()])),
    /** By run: `[first tick, how long before the tick's second the newest covered one is]`. */
    covered: z.array(z.tuple([tick, z.int().nullable()])),
    /** The ticks that are pokes; their ids follow from the sequence of the batch in SAMPLES. */
    pokes: columns({
      ticks: z.array(tick),
      samplesSeqs: z.array(count),
      inFlight: z.array(count.nullable()),
      traceparents: z.array(traceparent.nullable()),
    }),
    /** Ids that do not follow from time, kind and part: `[tick, id]`. */
    ids: z.array(z.tuple([tick, eventId])),
    /** Null: all averages are written out. */
    recomputed: recomputed.nullable(),
    /**
     * Averages of the rows that a recomputation does not give. As differences: ticks and averages
     * to the entry before, the first to 0; null is no data and changes no difference.
     */
    averages: columns({
      ticks: z.array(tick),
      stableMilli: z.array(milli.nullable()),
      panicMilli: z.array(milli.nullable()),
    }),
  }),
);

export type MinuteRecordedData = z.infer<typeof MinuteRecorded.schema>;
