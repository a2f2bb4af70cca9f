/** Tells the held requests of a poke what became of their samples: folded, and stated. */
import type { FlyballEvent } from '@flyball/contracts';
import type { SampleBatch, WindowerOutput } from '@flyball/domain';
import type { Clock, Written } from '@flyball/service';
import {
  attributeNames,
  type FinishedSpan,
  foldSpans,
  type Telemetry,
  tickSpans,
} from '@flyball/telemetry';

/** A poke that the batch asked for has been written. */
export type TellPoke = (output: WindowerOutput, written: Written) => void;

const isTraced = ({ data }: SampleBatch): boolean =>
  data.rows.traceparents.some((traceparent) => traceparent !== null);

/**
 * The batch is taken now; the function that it returns says that it has been folded. Undefined
 * where nobody listens, or no row of the batch belongs to a trace. Only poked rows are told:
 * nothing follows for a request from a batch that says once more how many wait.
 */
export const beginTelling = (
  { telemetry, clock }: { readonly telemetry: Telemetry; readonly clock: Clock },
  batch: SampleBatch,
): (() => TellPoke) | undefined => {
  if (!telemetry.isOn || !isTraced(batch)) return undefined;
  const startMs = clock.nowMs();
  const startedMs = clock.monotonicMs();
  const elapsedMs = (): number => clock.monotonicMs() - startedMs;
  return () => {
    const endMs = startMs + elapsedMs();
    const saidFromMs = clock.nowMs();
    return (output, written) => {
      if (output.type !== 'TickObserved' || written.kind !== 'stored' || written.again) return;
      const event = output as FlyballEvent<'TickObserved'>;
      const storedAtMs = startMs + elapsedMs();
      const said = { event, seq: written.seq, startMs: saidFromMs, endMs: storedAtMs };
      const ticks = tickSpans(said);
      const poked = new Set(ticks.map(workloadOf));
      for (const span of foldSpans({ batch, seq: batch.seq, startMs, endMs })) {
        if (poked.has(workloadOf(span))) telemetry.tell(span);
      }
      for (const span of ticks) telemetry.tell(span);
    };
  };
};

const workloadOf = ({ attributes }: FinishedSpan) => attributes[attributeNames.workload];
