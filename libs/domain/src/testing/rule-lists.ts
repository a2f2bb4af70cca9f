/** The lists that the decider itself goes by, so that a test can take one out and be missed. */
export { boundRules } from '../decider/algorithm/bound-rules.ts';
export { type FixName, fixesByAlgorithm } from '../decider/algorithm/fixes.ts';
export type { Rule } from '../decider/algorithm/rule.ts';
export { wantRules } from '../decider/algorithm/want-rules.ts';
