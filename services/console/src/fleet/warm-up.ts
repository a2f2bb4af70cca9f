/** What the log keeps of a partition from before the view of it: the last word of each pen. */
import { parseSubject, type RecordedEvent, type WorkloadKey } from '@flyball/contracts';
import { type Reader, readAhead, readDecoded } from '@flyball/reading';

/** Asked for at the same time: most of it is waiting for the server. */
const readsAtOnce = 16;

/**
 * Every start of an activator is another instance with a last word of its own. Of each workload
 * those that told last are read: more than this many do not hold its requests at the same time.
 */
const instancesMax = 16;

/** Whose last word may still hold: a refused policy, a failed scale, requests that were lost. */
const usefulTails: ReadonlySet<string> = new Set(['policy', 'actions', 'requests.lost']);

const seqsOfUse = (subjects: ReadonlyMap<string, number>): readonly number[] => {
  const useful: number[] = [];
  const counts = new Map<WorkloadKey, number[]>();
  for (const [subject, seq] of subjects) {
    const { workload, tail = '' } = parseSubject(subject) ?? {};
    if (workload === undefined) continue;
    if (usefulTails.has(tail)) useful.push(seq);
    else if (tail.startsWith('requests.'))
      counts.set(workload, [...(counts.get(workload) ?? []), seq]);
  }
  for (const seqs of counts.values()) {
    useful.push(...seqs.sort((a, b) => b - a).slice(0, instancesMax));
  }
  return useful.sort((a, b) => a - b);
};

/** In order. Rejects with NATS_… errors. */
export const readLastWords = async (
  reader: Reader,
  partition: number,
  signal: AbortSignal,
): Promise<readonly RecordedEvent[]> => {
  const { log, partitionCount } = reader;
  const subjects = await log.events.subjects(`flyball.events.${partition}.*.*.>`);
  const found: RecordedEvent[] = [];
  const read = readAhead(seqsOfUse(subjects), readsAtOnce, (seq) => log.events.at(seq));
  for await (const message of read) {
    if (signal.aborted) return [];
    const event = message === undefined ? undefined : readDecoded(message, partitionCount);
    if (event !== undefined) found.push(event);
  }
  return found;
};
