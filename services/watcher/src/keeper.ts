/** The keeper: purges what is transport once nobody can need it any more. */
import { partitionSubject } from '@flyball/contracts';
import { type EventLog, loadSnapshot } from '@flyball/event-log';
import { lossAt } from '@flyball/service';
import { z } from 'zod';

/** Of the windower's snapshot: the first stored tick whose minutes are still owed. */
const windowerSchema = z.object({ state: z.object({ ticksFromSeq: z.int().min(0) }) });

export interface Keepable {
  /** Ticks below this are recorded in minutes, and behind every snapshot that reads them. */
  readonly ticksBelowSeq: number;
  readonly progressBelowSeq: number;
}

/**
 * What may be purged by the snapshots as they are now; 0 while any is missing, or has read what the
 * log lost: sequences up to its place are then given anew, to what it never read.
 */
export const keepableNow = async (log: EventLog, partition: number): Promise<Keepable> => {
  const nothing: Keepable = { ticksBelowSeq: 0, progressBelowSeq: 0 };
  const decider = await loadSnapshot(log.snapshots, { stage: 'decider', partition });
  const windower = await loadSnapshot(log.snapshots, { stage: 'windower', partition });
  if (decider.kind !== 'found' || windower.kind !== 'found') return nothing;
  for (const { snapshot } of [decider, windower]) {
    if ((await lossAt(log.events, snapshot)) !== undefined) return nothing;
  }
  const owed = windowerSchema.safeParse(windower.snapshot.state);
  if (!owed.success) return nothing;
  const ticksBelowSeq = Math.min(decider.snapshot.seq, owed.data.state.ticksFromSeq);
  return { ticksBelowSeq, progressBelowSeq: decider.snapshot.seq };
};

/** What was keepable one round ago may be of a log that was made anew or lost its tail since. */
export const keepableInBoth = (before: Keepable, now: Keepable): Keepable => ({
  ticksBelowSeq: Math.min(before.ticksBelowSeq, now.ticksBelowSeq),
  progressBelowSeq: Math.min(before.progressBelowSeq, now.progressBelowSeq),
});

/**
 * Purges by what was keepable one round ago: a snapshot of a stopped owner that comes late and is
 * older must still find the ticks after it. The last message of each subject stays, and its fence.
 */
export const keep = async (
  keeper: EventLog,
  partition: number,
  { ticksBelowSeq, progressBelowSeq }: Keepable,
): Promise<number> => {
  if (ticksBelowSeq === 0) return 0;
  const ticks = await keeper.events.purge(partitionSubject(partition, 'ticks'), ticksBelowSeq);
  const progress = partitionSubject(partition, 'progress');
  return ticks + (await keeper.events.purge(progress, progressBelowSeq));
};
