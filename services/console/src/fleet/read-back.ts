/** What last words leave open: behind one may be an earlier one of its subject that still holds. */
import { parseSubject, type RecordedEvent } from '@flyball/contracts';
import type { DeciderState, WorkloadState } from '@flyball/domain';
import { instanceOf, type Reader, readAhead, readDecoded, readWhole } from '@flyball/reading';

/** Of one partition, those that were told last: the others stay as their last words have them. */
const subjectsMax = 256;
const subjectsAtOnce = 4;
/** Of one partition; what is not read by then stays as its last words have it, too. */
const readMsMax = 5_000;
/** Messages of the whole log, behind a last word. */
const reachMax = 100_000;
/** An activator holds no request for longer. */
const heldMsMax = 3_600_000;

export interface LastWords {
  /** The last sequence of each subject. */
  readonly lastSeqs: ReadonlyMap<string, number>;
  /** What was read at some of these. */
  readonly words: readonly RecordedEvent[];
}

interface OpenSubject {
  readonly subject: string;
  readonly lastSeq: number;
  readonly afterSeq: number;
}

type LostWord = Extract<RecordedEvent, { type: 'RequestsLost' }>;

const hasUnreadyPod = ({ pods }: WorkloadState): boolean =>
  Object.values(pods).some((phase) => phase === 'unready');

/** By what came of it: pods as wanted, and the routing that was decided. */
const isTaken = ({ last, readyPods, routing }: WorkloadState): boolean =>
  last === null || (last.to === readyPods && last.routing === routing?.applied);

const mayWait = (word: RecordedEvent): boolean =>
  word.type === 'RequestsCounted'
    ? word.data.waiting > 0
    : word.type === 'ColdStartCompleted' || word.type === 'WakeRequested';

/** Several activators may be lost, each with a word of its own on the one subject. */
const oldestWaiting = (words: readonly RecordedEvent[], lost: LostWord): number | undefined => {
  const open = words.filter(
    (word) => mayWait(word) && word.seq < lost.seq && instanceOf(word) !== lost.data.instance,
  );
  return open[0]?.seq;
};

interface Asked {
  readonly tail: string;
  readonly lastSeq: number;
  readonly tickAtMs: number;
}

/** After which position the subject has more to tell; undefined: its last word says all. */
const openAfter = (
  { tail, lastSeq, tickAtMs }: Asked,
  workload: WorkloadState,
  words: readonly RecordedEvent[],
): number | undefined => {
  if (tail === 'platform') return hasUnreadyPod(workload) ? 0 : undefined;
  const reached = Math.max(0, lastSeq - reachMax);
  if (tail === 'actions') return isTaken(workload) ? undefined : reached;
  const word = words.find(({ seq }) => seq === lastSeq);
  switch (word?.type) {
    case 'RequestsLost':
      return oldestWaiting(words, word);
    case 'ColdStartCompleted':
    case 'WakeRequested':
      return word.atMs > tickAtMs - heldMsMax ? reached : undefined;
    default:
      return undefined;
  }
};

const openSubjects = ({ lastSeqs, words }: LastWords, state: DeciderState): OpenSubject[] => {
  const wordsOf = Map.groupBy(words, ({ workload }) => workload);
  const open: OpenSubject[] = [];
  for (const [subject, lastSeq] of lastSeqs) {
    const { workload, tail = '' } = parseSubject(subject) ?? {};
    const known = workload === undefined ? undefined : state.workloads[workload];
    if (known === undefined) continue;
    const asked = { tail, lastSeq, tickAtMs: state.tick.atMs };
    const afterSeq = openAfter(asked, known, wordsOf.get(workload) ?? []);
    if (afterSeq !== undefined) open.push({ subject, lastSeq, afterSeq });
  }
  return open.sort((one, other) => other.lastSeq - one.lastSeq).slice(0, subjectsMax);
};

const readOpen = async (
  { log, partitionCount }: Reader,
  { subject, afterSeq }: OpenSubject,
  signal: AbortSignal,
): Promise<readonly RecordedEvent[]> => {
  const found: RecordedEvent[] = [];
  for await (const batch of readWhole(log.events, { filter: subject, afterSeq, signal })) {
    for (const message of batch) {
      const event = readDecoded(message, partitionCount);
      if (event !== undefined) found.push(event);
    }
  }
  return found;
};

/** Each subject whole or not at all: half of it would tell what was mended since. */
export const readBack = async (
  reader: Reader,
  last: LastWords,
  { state, signal }: { readonly state: DeciderState; readonly signal: AbortSignal },
): Promise<readonly RecordedEvent[]> => {
  const over = new AbortController();
  const ended = AbortSignal.any([signal, over.signal]);
  const cancel = reader.clock.after(readMsMax, () => over.abort());
  const found: (readonly RecordedEvent[])[] = [];
  const read = readAhead(openSubjects(last, state), subjectsAtOnce, (open) =>
    readOpen(reader, open, ended),
  );
  try {
    for await (const events of read) found.push(events);
  } catch (error) {
    if (!ended.aborted) throw error;
  } finally {
    cancel();
  }
  return found.flat();
};
