/** Says why a workload's own pages tell nothing, and that they tell again. */
import type { WorkloadKey } from '@flyball/contracts';
import type { Life } from '@flyball/service';

/** Beyond this many at once, some of it is said again. */
const blindMax = 10_000;

/** The reason why a workload is blind; undefined: it is not. */
export type BlindLog = (workload: WorkloadKey, reason: string | undefined) => void;

/** Once for each time: the reason may be another one in every second. */
export const createBlindLog = (logger: Pick<Life['logger'], 'info' | 'warn'>): BlindLog => {
  const blind = new Set<WorkloadKey>();
  return (workload, reason) => {
    if (reason === undefined) {
      if (blind.delete(workload)) logger.info({ workload }, 'its pages tell its load again');
      return;
    }
    if (blind.has(workload)) return;
    if (blind.size >= blindMax) blind.clear();
    blind.add(workload);
    logger.warn({ workload, reason }, 'its pages do not tell its load: it is blind');
  };
};
