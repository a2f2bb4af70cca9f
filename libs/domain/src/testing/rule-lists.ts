/** The lists that the decider itself goes by, so that a test can take one out and be missed. */
import { boundRules } from '../decider/algorithm/bound-rules.ts';
import { wantRules } from '../decider/algorithm/want-rules.ts';
import { needRule, unsureSentences } from '../decider/algorithm/wanted.ts';
import { zeroGates } from '../decider/algorithm/zero-gate.ts';

export { boundRules } from '../decider/algorithm/bound-rules.ts';
export { type FixName, fixesByAlgorithm } from '../decider/algorithm/fixes.ts';
export type { Rule } from '../decider/algorithm/rule.ts';
export { wantRules } from '../decider/algorithm/want-rules.ts';

/** Every name that a rule can leave in a decision's path. */
export const ruleNames: readonly string[] = [
  needRule,
  ...wantRules.map(({ name }) => name),
  ...boundRules.map(({ name }) => name),
  ...zeroGates,
  ...Object.keys(unsureSentences),
];
