/** The windower: one minute of one workload, kept for replay. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { atMs, columns, eventId, milli, streamSeq } from '../values.ts';
import { seen } from './tick-observed.ts';

export const secondsPerMinute = 60;

/** The minute's ticks and pokes that evaluated this workload, in columns. */
const ticks = columns({
  ids: z.array(eventId),
  seqs: z.array(streamSeq),
  atMs: z.array(atMs),
  kinds: z.array(z.enum(['tick', 'poke'])),
  /** Requests in flight at a poke; null at a tick. */
  inFlight: z.array(z.int().min(0).nullable()),
});

/** What a tick said where it differs from what the recorded seconds give. */
const differing = columns({
  tick: z.array(z.int().min(0)),
  stableMilli: z.array(milli.nullable()),
  panicMilli: z.array(milli.nullable()),
});

export const MinuteRecorded = defineEvent(
  'MinuteRecorded',
  'The per-second values of one minute, its ticks, and averages only where late samples moved them.',
  z.strictObject({
    minuteAtMs: atMs,
    /** Concurrency of each second, thousandths; null: not covered. */
    concurrencyMilli: z.array(milli.nullable()).length(secondsPerMinute),
    requestsMilli: z.array(milli.nullable()).length(secondsPerMinute),
    ticks,
    /** `seen` by run: `[index of the first tick, seen]`. */
    seen: z.array(z.tuple([z.int().min(0), seen])),
    coveredAtMs: z.array(atMs.nullable()),
    differing,
  }),
);
