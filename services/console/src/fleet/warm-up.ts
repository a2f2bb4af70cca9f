/** What the log keeps of a partition from before the view of it: the last word of each pen. */
import { parseSubject, type RecordedEvent } from '@flyball/contracts';
import { type Reader, readAhead, readDecoded } from '@flyball/reading';

/** Asked for at the same time: most of it is waiting for the server. */
const readsAtOnce = 16;

/** Whose last word may still hold: a refused policy, a failed scale, requests that wait. */
const isOfUse = (subject: string): boolean => {
  const { workload, tail = '' } = parseSubject(subject) ?? {};
  return (
    workload !== undefined &&
    (tail === 'policy' || tail === 'actions' || tail.startsWith('requests.'))
  );
};

/** In order. Rejects with NATS_… errors. */
export const readLastWords = async (
  reader: Reader,
  partition: number,
  signal: AbortSignal,
): Promise<readonly RecordedEvent[]> => {
  const { log, partitionCount } = reader;
  const subjects = await log.events.subjects(`flyball.events.${partition}.*.*.>`);
  const seqs = [...subjects].filter(([subject]) => isOfUse(subject)).map(([, seq]) => seq);
  const found: RecordedEvent[] = [];
  const read = readAhead(
    seqs.sort((a, b) => a - b),
    readsAtOnce,
    (seq) => log.events.at(seq),
  );
  for await (const message of read) {
    if (signal.aborted) return [];
    const event = message === undefined ? undefined : readDecoded(message, partitionCount);
    if (event !== undefined) found.push(event);
  }
  return found;
};
