/** What a windower tells its ticks and its minutes with. */
import type { OutsideError } from '@flyball/contracts';
import { type Fences, openWriter, type Recovered } from '@flyball/service';
import type { LogChecks, Tenure, WindowerContext } from './tenure.ts';

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

/**
 * The ticks' fences, for a snapshot. Workloads come and go under other names: of the fences of
 * minutes no more are kept than a writer's limit, and what is forgotten is looked up again.
 */
export const fencesToKeep = ({
  ticks,
  minutes,
  state,
}: Pick<Tenure, 'ticks' | 'minutes' | 'state'>): Fences => {
  minutes.fences(Number.POSITIVE_INFINITY);
  return ticks.fences(state.eventsThroughSeq);
};
