/** Follows what activators tell of a partition, from when a workload there has pages of its own. */
import { decodeSamples, samplesSubject } from '@flyball/contracts';
import { type ActivatorLoads, foldActivatorBatch } from '@flyball/domain';
import type { EventLog } from '@flyball/event-log';

/** So many messages of all partitions hold the last seconds: what is older is not asked for. */
const recentMessages = 500;

export interface FollowedActivators {
  readonly log: Pick<EventLog, 'samples'>;
  readonly partition: number;
  /** Resolves when somebody asks for them: most partitions have no such page. */
  readonly wanted: Promise<void>;
  readonly loads: ActivatorLoads;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Until the signal aborts. */
export const followActivators = async (
  { log, partition, wanted, loads }: FollowedActivators,
  signal: AbortSignal,
): Promise<void> => {
  await Promise.race([wanted, aborted(signal)]);
  if (signal.aborted) return;
  const { lastSeq } = await log.samples.state();
  const afterSeq = Math.max(0, lastSeq - recentMessages);
  const filter = samplesSubject(partition);
  for await (const messages of log.samples.read({ filter, afterSeq, signal })) {
    for (const { body, subject, seq } of messages) {
      const decoded = decodeSamples(body, subject, seq);
      // One that cannot be read is the windower's to put aside.
      if (decoded.ok) foldActivatorBatch(loads, decoded.event.data);
    }
  }
};
