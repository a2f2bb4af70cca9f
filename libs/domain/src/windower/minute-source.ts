/** Gathers what one minute of one workload was, from the kept ticks and seconds. */
import { secondsPerMinute, type WorkloadKey } from '@flyball/contracts';
import { evaluatingTicks } from '../minutes/evaluating-ticks.ts';
import type { MinuteSource, MinuteTick } from '../minutes/minute.ts';
import type { DueMinute } from './minutes-due.ts';
import { summedSecond } from './source-seconds.ts';
import type { KeptTick, RowPlace, WindowerState } from './state.ts';

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

/** Finds the workload's row in each part: looked up once for all parts of a tick. */
const rowFinder = (workload: WorkloadKey) => {
  let known: KeptTick['placeByWorkload'] | undefined;
  let place: RowPlace | undefined;
  return ({ placeByWorkload, part }: KeptTick): number | undefined => {
    if (placeByWorkload !== known) place = placeByWorkload.get(workload);
    known = placeByWorkload;
    return place?.part === part ? place.row : undefined;
  };
};

const ticksIn = (state: WindowerState, minuteAtMs: number): readonly KeptTick[] =>
  state.ticks.filter(
    ({ atMs }) => atMs >= minuteAtMs && atMs < minuteAtMs + secondsPerMinute * 1000,
  );

const sourceOf = (
  state: WindowerState,
  { workload, minuteAtMs }: DueMinute,
  ticks: readonly KeptTick[],
): MinuteSource => {
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
    ticks: evaluatingTicks(ticks, rowFinder(workload.key)).map(({ tick, row }) =>
      minuteTick(tick, row),
    ),
  };
};

/** The minutes as `recordMinute` takes them, each with what is due of it. */
export const minuteSources = (
  state: WindowerState,
  due: readonly DueMinute[],
): readonly { readonly due: DueMinute; readonly source: MinuteSource }[] => {
  const ticksByMinute = new Map<number, readonly KeptTick[]>();
  return due.map((one) => {
    const ticks = ticksByMinute.get(one.minuteAtMs) ?? ticksIn(state, one.minuteAtMs);
    ticksByMinute.set(one.minuteAtMs, ticks);
    return { due: one, source: sourceOf(state, one, ticks) };
  });
};
