/** What the log keeps of a partition from before the view of it: last words, and what is behind. */
import { parseSubject, type RecordedEvent, type WorkloadKey } from '@flyball/contracts';
import type { DeciderState } from '@flyball/domain';
import { type Reader, readAhead, readDecoded } from '@flyball/reading';
import { readBack } from './read-back.ts';

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

const readWords = async (
  { log, partitionCount }: Reader,
  lastSeqs: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<readonly RecordedEvent[]> => {
  const found: RecordedEvent[] = [];
  const read = readAhead(seqsOfUse(lastSeqs), readsAtOnce, (seq) => log.events.at(seq));
  for await (const message of read) {
    if (signal.aborted) return [];
    const event = message === undefined ? undefined : readDecoded(message, partitionCount);
    if (event !== undefined) found.push(event);
  }
  return found;
};

/**
 * In order: the last words, and of what these leave open about the workloads of `state`, the view,
 * all that their subjects say. Rejects with NATS_… errors.
 */
export const readBefore = async (
  reader: Reader,
  state: DeciderState,
  signal: AbortSignal,
): Promise<readonly RecordedEvent[]> => {
  const filter = `flyball.events.${state.partition}.*.*.>`;
  const lastSeqs = await reader.log.events.subjects(filter);
  const words = await readWords(reader, lastSeqs, signal);
  const behind = await readBack(reader, { lastSeqs, words }, { state, signal });
  const all = new Map([...words, ...behind].map((event) => [event.seq, event]));
  return [...all.values()].sort((one, other) => one.seq - other.seq);
};
