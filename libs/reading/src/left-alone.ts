/** Workloads that stand still because the decider of their partition cannot do their algorithm. */
import type { WorkloadKey } from '@flyball/contracts';
import { announcedAlgorithms, type DeciderState } from '@flyball/domain';
import { readOwner } from '@flyball/event-log';
import type { Reader } from './reader.ts';

/** Workloads that one notice names; of more only their number is told. */
const namedMax = 3;

const namesOf = (keys: readonly string[]): string => {
  const more = keys.length - namedMax;
  const named = keys.slice(0, namedMax).join(', ');
  return more > 0 ? `${named} and ${more} more` : named;
};

/**
 * One sentence for each version of the algorithm that the owner of the partition cannot do and that
 * a workload's policy names: of all workloads, or of the one given.
 */
export const leftAloneNotices = async (
  { log }: Reader,
  { partition, workloads }: DeciderState,
  workload?: WorkloadKey,
): Promise<readonly string[]> => {
  const asked = Object.entries(workloads).flatMap(([key, { uid, policy }]) => {
    const wanted = uid !== null && (workload === undefined || key === workload);
    return wanted && policy !== null ? [{ key, algorithm: policy.algorithm }] : [];
  });
  if (asked.length === 0) return [];
  const owner = await readOwner(log.leases, 'decider', partition);
  if (owner === undefined) return [];
  const can = announcedAlgorithms(owner.abilities);
  const cannot = Map.groupBy(
    asked.filter(({ algorithm }) => !can.includes(algorithm)),
    ({ algorithm }) => algorithm,
  );
  return [...cannot].map(([algorithm, left]) => {
    const names = namesOf(left.map(({ key }) => key).sort());
    const why = `its decider ${owner.instance} can do ${can.join(', ')}`;
    return `Left as it is, by algorithm ${algorithm}: ${names}; ${why}.`;
  });
};
