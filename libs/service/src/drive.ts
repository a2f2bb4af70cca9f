/** The loop of a deterministic stage: recover, read, step, append, and again when a rival wrote. */
import { sleep } from './clock.ts';
import { brokenInputsMax } from './dead-letters.ts';
import type { DriveOptions } from './drive-options.ts';
import { type EpochEnd, runEpoch } from './epoch.ts';
import { retryPauseMs } from './retry.ts';

/**
 * Runs one partition of a deterministic stage until the signal aborts. A rival's write makes it
 * discard its state and recover. Rejects with a non-retriable OutsideError, or with a bug.
 */
export const drive = async <State>(options: DriveOptions<State>): Promise<void> => {
  const { signal, clock, logger, metrics, partition } = options;
  // Seqs on which the stage threw: they are put aside, in this run and after each recovery.
  const broken = new Set<number>();
  let withoutProgress = 0;
  let throughSeq = -1;
  let reason = 'start';
  while (!signal.aborted) {
    metrics.recoveries.inc({ reason });
    const end: EpochEnd = await runEpoch(options, broken);
    if (end.kind === 'ended') return;
    if (broken.size > brokenInputsMax) {
      throw new Error(`The stage threw on more than ${brokenInputsMax} inputs.`);
    }
    // Inputs that are only taken again are no progress.
    withoutProgress = end.throughSeq > throughSeq ? 0 : withoutProgress + 1;
    throughSeq = end.throughSeq;
    reason = end.kind;
    if (end.kind === 'refold') broken.clear();
    logger.warn({ partition, why: end.why }, 'state discarded; recovering');
    if (withoutProgress > 0) await sleep(clock, retryPauseMs(withoutProgress), signal);
  }
};
