/** All that the decider took of one workload, in the order in which it took it. */
import type { RecordedEvent, WorkloadKey } from '@flyball/contracts';
import { evaluatingTicks } from './evaluating-ticks.ts';
import {
  type RecordedMinute,
  type RecordedTick,
  tickMessage,
  ticksOfMinutes,
} from './ticks-of-minute.ts';

export interface WorkloadHistory {
  readonly workload: WorkloadKey;
  /** Everything recorded on the workload's own subjects. */
  readonly events: readonly RecordedEvent[];
  /** Its recorded minutes, in order. */
  readonly minutes: readonly RecordedMinute[];
  /** What the partition's `ticks` subject still holds, in order. */
  readonly ticks: readonly RecordedTick[];
}

/** Of the ticks that no minute holds yet, what concerns the workload. */
const tailOf = (history: WorkloadHistory): readonly RecordedTick[] => {
  const { workload, ticks } = history;
  const messages = ticks.map((event) => ({ event, id: event.id, ...event.data }));
  return evaluatingTicks(messages, ({ rows }) => {
    const row = rows.workloads.indexOf(workload);
    return row === -1 ? undefined : row;
  }).map(({ tick: { event, rows }, row }) =>
    tickMessage(workload, event.partition, {
      id: event.id,
      seq: event.seq,
      atMs: event.atMs,
      kind: event.data.kind,
      part: event.data.part,
      parts: event.data.parts,
      samplesThroughSeq: event.data.kind === 'poke' ? event.data.samplesThroughSeq : 0,
      row:
        row === undefined
          ? undefined
          : {
              stableMilli: rows.stableMilli[row] ?? null,
              panicMilli: rows.panicMilli[row] ?? null,
              seen: rows.seen[row] ?? 'unobserved',
              coveredAtMs: rows.coveredAtMs[row] ?? null,
              inFlight: rows.inFlight[row] ?? null,
              traceparent: rows.traceparents[row] ?? null,
            },
    }),
  );
};

/**
 * Events, the ticks rebuilt from minutes, and the ticks of minutes to come, merged by sequence:
 * stepping the decider through them gives the recorded decisions again.
 */
export const replayInputs = (history: WorkloadHistory): readonly RecordedEvent[] => {
  const rebuilt = ticksOfMinutes(history.minutes);
  const known = new Set(rebuilt.map(({ seq }) => seq));
  const tail = tailOf(history).filter(({ seq }) => !known.has(seq));
  return [...history.events, ...rebuilt, ...tail].sort((a, b) => a.seq - b.seq);
};
