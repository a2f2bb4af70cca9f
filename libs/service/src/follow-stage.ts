/** The loop of an effectful stage: fold to the end, then live; own facts are folded when told. */
import type { FlyballEvent, OutsideError } from '@flyball/contracts';
import type { EventLog, Position } from '@flyball/event-log';
import { sleep } from './clock.ts';
import { brokenInputsMax } from './dead-letters.ts';
import type { ShellInput } from './effectful-stage.ts';
import type { FollowStageOptions } from './follow-stage-options.ts';
import { beginFollower, leave, readOn, takeSnapshot } from './follower.ts';
import { furtherOf, type LogLoss, lossAt } from './position-check.ts';
import { type RetryOptions, retryOutside, retryPauseMs } from './retry.ts';
import { recoverRun } from './stage-run.ts';

const lossBehind = (
  { events }: EventLog,
  { position, ownPosition }: { readonly position: Position; readonly ownPosition: Position },
  retry: RetryOptions,
): Promise<LogLoss | undefined> =>
  retryOutside(() => lossAt(events, furtherOf(position, ownPosition)), retry);

/**
 * Runs one partition of an effectful stage until the signal aborts. When a rival wrote, the state
 * is discarded and folded anew, and `onLive` is told again. Rejects with what no retry can mend.
 */
export const followStage = async <S, I extends ShellInput, E extends FlyballEvent, C>(
  options: FollowStageOptions<S, I, E, C>,
): Promise<void> => {
  const { log, clock, signal, metrics, partition, logger } = options;
  const onRetry = (error: OutsideError) => metrics.retries.inc({ code: error.code });
  const broken = new Set<number>();
  let reason = 'start';
  let loss: LogLoss | undefined;
  while (!signal.aborted) {
    metrics.recoveries.inc({ reason });
    const known = loss;
    const follower = await recoverRun(options, (left, startedMs) =>
      beginFollower(options, { broken, loss: known, startedMs }, left),
    );
    if (follower === undefined) return;
    await readOn(follower);
    if (broken.size > brokenInputsMax) {
      throw new Error(`The stage threw on more than ${brokenInputsMax} inputs.`);
    }
    await takeSnapshot(follower);
    if (signal.aborted) leave(follower);
    await follower.snapshotter.settled();
    if (signal.aborted) return;
    reason = follower.end ?? 'ended';
    if (reason === 'refold') broken.clear();
    // A log without its tail may refuse a fence before anyone looked. Told again until the stage
    // knows it: the fact may not have been written.
    loss = follower.loss ?? (await lossBehind(log, follower, { clock, signal, onRetry })) ?? known;
    logger.warn({ partition, reason }, 'state discarded; recovering');
    await sleep(clock, retryPauseMs(1), signal);
  }
};
