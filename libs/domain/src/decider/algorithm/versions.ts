/** Every version of the deciding algorithm that ever decided, by number. */
import type { Policy } from '@flyball/contracts';
import type { Assessment } from '../assessment.ts';
import type { WorkloadState } from '../workload-state.ts';
import { assess } from './assess.ts';

export type Assess = (
  workload: WorkloadState,
  policy: Policy,
  moment: { readonly atMs: number; readonly inFlight: number | null; readonly policyId: string },
) => Assessment;

/** The rules are the same; what differs is which fixes are in force among them (fixes.ts). */
const algorithms: Readonly<Record<number, Assess>> = { 1: assess, 2: assess };

/** The versions that this code can decide by, oldest first. */
export const knownAlgorithms: readonly number[] = Object.keys(algorithms).map(Number);

/** undefined for a version that this code does not know: such a workload is left as it is. */
export const algorithmOf = (version: number): Assess | undefined => algorithms[version];
