/** What every stage begins with: its state as the log has it, a writer after it, its snapshots. */
import { partitionFilter } from '@flyball/contracts';
import type { Position } from '@flyball/event-log';
import { createPositionCheck, type LogLoss, type PositionCheck } from './position-check.ts';
import { type LeftState, type Recovered, recover } from './recover.ts';
import { createSnapshotter, type Snapshotter } from './snapshotter.ts';
import type { StageLoopOptions } from './stage-loop-options.ts';
import { openWriter, type Writer } from './writer.ts';

/** What the opener will make of it; asked once it goes on from what was opened. */
export interface StateReading {
  /** Where the state is; it goes on with each message. */
  readonly position: () => Position;
  /** The log no longer holds what was read. */
  readonly onLost: (loss: LogLoss) => void;
}

export interface OpenedState<State> {
  readonly recovered: Recovered<State>;
  readonly check: PositionCheck;
  readonly writer: Writer;
  readonly snapshotter: Snapshotter;
  /** The last sequence of the partition: live once it is passed. */
  readonly endSeq: number;
}

/** Throws OutsideError. */
export const openState = async <State>(
  options: StageLoopOptions<State>,
  left: LeftState<State> | undefined,
  { position, onLost }: StateReading,
): Promise<OpenedState<State>> => {
  const { log, stage, partition, clock, signal, metrics, logger } = options;
  const reading = {
    ...{ log, partition, stage: stage.stage.name, snapshotVersion: stage.snapshotVersion },
    fromSnapshot: stage.fromSnapshot,
    initialState: (number: number) => stage.stage.initialState(number),
  };
  const [recovered, last] = await Promise.all([
    recover<State>(reading, left),
    log.events.last(partitionFilter(partition)),
  ]);
  const { from, fences } = recovered;
  const { seq: afterSeq } = recovered.position;
  logger.info({ partition, from, afterSeq }, 'recovering');
  const check = createPositionCheck({ log, stream: log.events, position, onLost, clock, signal });
  const writer = openWriter({
    stream: log.events,
    fences,
    foldedThroughSeq: afterSeq,
    holdsOver: check.holdsOver,
    clock,
    signal,
    onAppend: (pen, result, durationMs) => {
      metrics.outputs.inc({ pen, result });
      metrics.appendSeconds.observe({ pen }, durationMs / 1_000);
    },
    onRetry: (error) => metrics.retries.inc({ code: error.code }),
  });
  const snapshotter = createSnapshotter(options, recovered);
  return { recovered, check, writer, snapshotter, endSeq: last?.seq ?? 0 };
};
