/** A process as the record of a run names it, told from a later one with the same pid. */
import { identityOf } from '@flyball/service';

export interface ProcessIdentity {
  readonly name: string;
  readonly pid: number;
  /** Differs for every life of the pid, over restarts of the machine too. */
  readonly identity: string;
}

/** What to record of a process that runs now; undefined when it has ended already. */
export const identify = (name: string, pid: number): ProcessIdentity | undefined => {
  const identity = identityOf(pid);
  return identity === undefined ? undefined : { name, pid, identity };
};

/** Is it still the very process that was recorded? */
export const stillRuns = ({ pid, identity }: ProcessIdentity): boolean =>
  identityOf(pid) === identity;
