/** Which workloads the log knows, and what to say when it does not know one. */
import { parseSubject, partitionOf, type WorkloadKey, workloadFilter } from '@flyball/contracts';
import { distance } from 'fastest-levenshtein';
import type { Terminal } from '../output/terminal.ts';
import { foreignClassNotices } from './foreign-class.ts';
import type { Reader } from './reader.ts';

const nearestMax = 3;
/** Every workload begins with what the watcher saw of it. */
const firstSubjects = 'flyball.events.*.*.*.platform';

/** All workloads that the log has ever heard of, by name. */
export const knownWorkloads = async ({
  log,
  partitionCount,
}: Reader): Promise<readonly WorkloadKey[]> => {
  const subjects = await log.events.subjects(firstSubjects);
  return [...subjects.keys()]
    .flatMap((subject) => {
      const { workload, partition } = parseSubject(subject) ?? {};
      // What is on the subjects of another partition is nobody's: the stages put it aside.
      const isThere = workload !== undefined && partitionOf(workload, partitionCount) === partition;
      return isThere ? [workload] : [];
    })
    .sort((a, b) => (a < b ? -1 : 1));
};

/** Has anything ever been recorded of it? */
export const isRecorded = async (reader: Reader, workload: WorkloadKey): Promise<boolean> => {
  const partition = partitionOf(workload, reader.partitionCount);
  return (await reader.log.events.last(workloadFilter(partition, workload))) !== undefined;
};

/** How a workload comes under this Flyball; where only the log is known, it may be on a cluster. */
export const addingHint = ({ platform }: Reader): string =>
  platform === undefined
    ? 'A Deployment that is annotated `flyball.dev/enabled: "true"` comes by itself.'
    : '`flyball apply -f FILE` adds some.';

const nearest = (given: WorkloadKey, known: readonly WorkloadKey[]): readonly WorkloadKey[] =>
  [...known].sort((a, b) => distance(given, a) - distance(given, b)).slice(0, nearestMax);

/** Says that it is not Flyball's to scale, or unknown, and then which names come nearest. */
export const sayUnknown = async (
  terminal: Terminal,
  reader: Reader,
  workload: WorkloadKey,
): Promise<void> => {
  const foreign = await foreignClassNotices(reader, workload);
  for (const notice of foreign) terminal.note(terminal.styled('yellow', notice));
  if (foreign.length > 0) return;
  const known = await knownWorkloads(reader);
  const hint =
    known.length === 0
      ? `There is none yet. ${addingHint(reader)}`
      : `Did you mean ${nearest(workload, known).join(', ')}? \`flyball get\` lists all.`;
  terminal.note(terminal.styled('red', `No workload ${workload} is recorded here. ${hint}`));
  if (reader.platform !== undefined) return;
  const unseen = 'Whether there is one that Flyball leaves alone, the log cannot tell.';
  terminal.note(terminal.styled('yellow', unseen));
};
