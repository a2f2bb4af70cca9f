/** Gathers what one minute of one workload was, from the kept ticks and seconds. */
import { secondsPerMinute } from '@flyball/contracts';
import { evaluatingTicks } from '../minutes/evaluating-ticks.ts';
import type { MinuteSource, MinuteTick } from '../minutes/minute.ts';
import type { DueMinute } from './minutes-due.ts';
import { summedSecond } from './source-seconds.ts';
import type { KeptTick, WindowerState } from './state.ts';

const minuteTick = (tick: KeptTick, row: number | undefined): MinuteTick => ({
  id: tick.id,
  seq: tick.seq,
  atMs: tick.atMs,
  kind: tick.kind,
  part: tick.part,
  parts: tick.parts,
  samplesThroughSeq: tick.samplesThroughSeq,
  row:
    row === undefined
      ? undefined
      : {
          stableMilli: tick.rows.stableMilli[row] ?? null,
          panicMilli: tick.rows.panicMilli[row] ?? null,
          seen: tick.rows.seen[row] ?? 'unobserved',
          coveredAtMs: tick.rows.coveredAtMs[row] ?? null,
          inFlight: tick.rows.inFlight[row] ?? null,
          traceparent: tick.rows.traceparents[row] ?? null,
        },
});

const inMilli = (value: number | null): number | null =>
  value === null ? null : Math.round(value);

/** The minute as `recordMinute` takes it. */
export const minuteSourceOf = (state: WindowerState, due: DueMinute): MinuteSource => {
  const { workload, minuteAtMs } = due;
  const inMinute = state.ticks.filter(
    ({ atMs }) => atMs >= minuteAtMs && atMs < minuteAtMs + secondsPerMinute * 1000,
  );
  const seconds = Array.from({ length: secondsPerMinute }, (_, index) =>
    summedSecond(state.seconds, minuteAtMs / 1000 + index, workload.slot),
  );
  const { policy } = workload;
  return {
    workload: workload.key,
    partition: state.partition,
    minuteAtMs,
    concurrencyMilli: seconds.map((second) => inMilli(second.concurrency)),
    requestsMilli: seconds.map((second) => inMilli(second.requests)),
    blindSeconds: seconds.flatMap((second, index) => (second.blind ? [index] : [])),
    windows: policy?.algorithm === 'linear' ? policy : undefined,
    ticks: evaluatingTicks(inMinute, (tick) => tick.rowByWorkload.get(workload.key)).map(
      ({ tick, row }) => minuteTick(tick, row),
    ),
  };
};
