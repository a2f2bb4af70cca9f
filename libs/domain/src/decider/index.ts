/** The decider: the stage, its state, and how a decision is read. */

export { assessStandingWant } from './algorithm/assess.ts';
export {
  activatorsMin,
  asksPods,
  initialExcessBurstCapacity,
} from './algorithm/capacity.ts';
export { floorOf } from './algorithm/facts.ts';
export { type Fix, type FixName, fixes, fixesOf } from './algorithm/fixes.ts';
export { knownAlgorithms } from './algorithm/versions.ts';
export type { Assessment } from './assessment.ts';
export { type DecidedWorkload, decidedState } from './decided-state.ts';
export { type DeciderOutput, decider } from './decider.ts';
export {
  type DeciderSnapshot,
  type DeciderState,
  deciderSnapshot,
  deciderSnapshotVersion,
  deciderStateFrom,
} from './decider-state.ts';
export {
  type Explained,
  type ExplainedInput,
  type ExplainedRule,
  explainDecision,
} from './explain-decision.ts';
export type { LastDecision, WorkloadState } from './workload-state.ts';
