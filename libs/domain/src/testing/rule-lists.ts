/** The lists that the decider itself goes by, so that a test can take a rule out and be missed. */
export { boundRules } from '../decider/algorithms/one/bound-rules.ts';
export type { Rule } from '../decider/algorithms/one/rule.ts';
export { wantRules } from '../decider/algorithms/one/want-rules.ts';
