/** How much room the traces have that the console is to keep. */
import { spansPerTraceMax, type TraceStoreOptions } from '@flyball/telemetry/sink';

/** A cold start has a dozen spans, a burst's more. */
const spansPerTrace = 20;
/** 1,600 for each of those spans: most have a few hundred. */
const charsPerTrace = 32_000;
/** Whoever keeps few traces may keep large ones. */
const charsAtLeast = 32_000_000;

/** As many as one trace may have by itself find room, however few traces are kept. */
export const roomForTraces = (tracesMax: number): TraceStoreOptions => ({
  tracesMax,
  spansMax: Math.max(spansPerTraceMax, tracesMax * spansPerTrace),
  charsMax: Math.max(charsAtLeast, tracesMax * charsPerTrace),
});
