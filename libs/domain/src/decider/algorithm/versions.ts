/** Every version of the deciding algorithm that ever decided, by number. */
import type { Policy } from '@flyball/contracts';
import type { Assessment } from '../assessment.ts';
import type { WorkloadState } from '../workload-state.ts';
import { assessOne } from './one/assess.ts';

export type Assess = (
  workload: WorkloadState,
  policy: Policy,
  moment: { readonly atMs: number; readonly inFlight: number | null; readonly policyId: string },
) => Assessment;

const algorithms: Readonly<Record<number, Assess>> = { 1: assessOne };

/** undefined for a version that this code does not know: such a workload is left as it is. */
export const algorithmOf = (version: number): Assess | undefined => algorithms[version];
