/** The loop of a deterministic stage: recover, read, step, append, and again when a rival wrote. */
import type { EventLog } from '@flyball/event-log';
import type { Logger } from 'pino';
import { type Clock, sleep } from './clock.ts';
import type { DeterministicStage } from './deterministic-stage.ts';
import { type EpochEnd, runEpoch } from './epoch.ts';
import type { Recovered } from './recover.ts';
import { retryPauseMs } from './retry.ts';
import type { StageMetrics } from './stage-metrics.ts';

/** Inputs on which the stage threw, at most: more, and it is the stage that is broken. */
export const brokenInputsMax = 100;

export interface DriveOptions<State> {
  readonly log: EventLog;
  readonly stage: DeterministicStage<State>;
  readonly partition: number;
  /** Ends the loop at the next input, after a snapshot. */
  readonly signal: AbortSignal;
  /** Still the owner? Without it no snapshot is written. */
  readonly isOwner: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StageMetrics;
  /** The state has caught up with what was in the log when it began. */
  readonly onLive?: () => void;
  /** The log is not the one that was read, or lost its tail. */
  readonly onLost?: (from: Extract<Recovered<State>['from'], { kind: 'lost' }>) => void;
}

/**
 * Runs one partition of a deterministic stage until the signal aborts. A rival's write makes it
 * discard its state and recover. Rejects with a non-retriable OutsideError, or with a bug.
 */
export const drive = async <State>(options: DriveOptions<State>): Promise<void> => {
  const { signal, clock, logger, metrics, partition } = options;
  // Seqs on which the stage threw: they are put aside, in this run and after each recovery.
  const broken = new Set<number>();
  let fencedInARow = 0;
  let reason = 'start';
  while (!signal.aborted) {
    metrics.recoveries.inc({ reason });
    const end: EpochEnd = await runEpoch(options, broken);
    if (end.kind === 'ended') return;
    if (broken.size > brokenInputsMax) {
      throw new Error(`The stage threw on more than ${brokenInputsMax} inputs.`);
    }
    fencedInARow = end.inputs > 0 ? 1 : fencedInARow + 1;
    reason = end.kind;
    logger.warn({ partition, why: end.why }, 'state discarded; recovering');
    if (fencedInARow > 1) await sleep(clock, retryPauseMs(fencedInARow - 1), signal);
  }
};
