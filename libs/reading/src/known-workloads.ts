/** Which workloads the log knows, and which of them come nearest to a name. */
import {
  allWorkloadsFilter,
  parseSubject,
  partitionOf,
  type WorkloadKey,
  workloadFilter,
} from '@flyball/contracts';
import { distance } from 'fastest-levenshtein';
import type { Reader } from './reader.ts';

const nearestMax = 3;

/** All workloads of which the log holds anything, on whatever subject, by name. */
export const knownWorkloads = async ({
  log,
  partitionCount,
}: Reader): Promise<readonly WorkloadKey[]> => {
  const subjects = await log.events.subjects(allWorkloadsFilter);
  const found = [...subjects.keys()].flatMap((subject) => {
    const { workload, partition } = parseSubject(subject) ?? {};
    // What is on the subjects of another partition is nobody's: the stages put it aside.
    const isThere = workload !== undefined && partitionOf(workload, partitionCount) === partition;
    return isThere ? [workload] : [];
  });
  return [...new Set(found)].sort((a, b) => (a < b ? -1 : 1));
};

/** Has anything ever been recorded of it? */
export const isRecorded = async (reader: Reader, workload: WorkloadKey): Promise<boolean> => {
  const partition = partitionOf(workload, reader.partitionCount);
  return (await reader.log.events.last(workloadFilter(partition, workload))) !== undefined;
};

/** The known names that come nearest to one that is not among them, best first; at most three. */
export const nearestTo = (
  given: WorkloadKey,
  known: readonly WorkloadKey[],
): readonly WorkloadKey[] =>
  [...known].sort((a, b) => distance(given, a) - distance(given, b)).slice(0, nearestMax);
