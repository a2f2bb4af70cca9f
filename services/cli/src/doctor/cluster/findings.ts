/** Findings of one kind, of which a cluster of thousands of workloads may have thousands. */
import { type Check, passed } from '../check.ts';

/** More of one kind are counted, not shown. */
const shownMax = 10;

/** The findings, or that there is none. */
export const orPassed = (findings: readonly Check[], part: string, found: string): Check[] => {
  if (findings.length === 0) return [passed(part, found)];
  const [next] = findings.slice(shownMax);
  if (next === undefined) return [...findings];
  const rest = { ...next, found: `and ${findings.length - shownMax} more of these` };
  return [...findings.slice(0, shownMax), rest];
};
