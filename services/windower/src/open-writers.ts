/** What a windower tells its ticks and its minutes with. */
import type { OutsideError } from '@flyball/contracts';
import { openWriter, type Recovered } from '@flyball/service';
import type { LogChecks, WindowerContext } from './tenure.ts';

/** Ticks go on after what was folded of them, minutes after what is looked up. */
export const openWriters = (
  context: WindowerContext,
  { fences, position }: Pick<Recovered<unknown>, 'fences' | 'position'>,
  { holdsOver }: LogChecks,
) => {
  const { log, clock, signal, metrics } = context;
  const common = {
    clock,
    signal,
    holdsOver,
    onAppend: (pen: string, result: string, durationMs: number) => {
      metrics.outputs.inc({ pen, result });
      metrics.appendSeconds.observe({ pen }, durationMs / 1_000);
    },
    onRetry: (error: OutsideError) => metrics.retries.inc({ code: error.code }),
  };
  return {
    ticks: openWriter({
      ...common,
      stream: log.events,
      fences,
      foldedThroughSeq: position.seq,
    }),
    // Not folded: the last minute of each workload is looked up, and the next one follows on it.
    minutes: openWriter({
      ...common,
      stream: log.minutes,
      foldedThroughSeq: Number.POSITIVE_INFINITY,
    }),
  };
};
