/** Each deliberate fix: lost, had too early, and had by Knative. */
import { inFile, type MutationGroup } from '../mutation.ts';
import { deciderRuns } from './decider-runs.ts';

const inFixes = inFile('libs/domain/src/decider/algorithm/fixes.ts');
const inFacts = inFile('libs/domain/src/decider/algorithm/facts.ts');
const inLife = inFile('libs/domain/src/decider/algorithm/lifecycle.ts');
const inBounds = inFile('libs/domain/src/decider/algorithm/bound-rules.ts');
const inWanted = inFile('libs/domain/src/decider/algorithm/wanted.ts');
const inWants = inFile('libs/domain/src/decider/algorithm/want-rules.ts');
const inGate = inFile('libs/domain/src/decider/algorithm/zero-gate.ts');
const inRouting = inFile('libs/domain/src/decider/algorithm/routing.ts');
const inFold = inFile('libs/domain/src/decider/fold-workload.ts');

export const fixes: MutationGroup = {
  name: 'fixes',
  about: 'each numbered fix, taken from us and given to Knative',
  runs: deciderRuns,
  mutations: [
    inFixes(
      'burst',
      'the fix burst is lost',
      "name: 'burst',\n    since: 1,",
      "name: 'burst',\n    since: 99,",
    ),
    inFixes(
      'hold-unsure',
      'the fix hold-unsure is lost',
      "name: 'hold-unsure',\n    since: 1,",
      "name: 'hold-unsure',\n    since: 99,",
    ),
    inFixes(
      'adoption',
      'the fix adoption is lost',
      "name: 'adoption',\n    since: 1,",
      "name: 'adoption',\n    since: 99,",
    ),
    inFixes(
      'tolerance',
      'the fix tolerance is lost',
      "name: 'tolerance',\n    since: 1,",
      "name: 'tolerance',\n    since: 99,",
    ),
    inFixes(
      'delay-follows-policy',
      'the fix delay-follows-policy is lost',
      "name: 'delay-follows-policy',\n    since: 1,",
      "name: 'delay-follows-policy',\n    since: 99,",
    ),
    inFixes(
      'zero-behind-activator',
      'the fix zero-behind-activator is lost',
      "name: 'zero-behind-activator',\n    since: 1,",
      "name: 'zero-behind-activator',\n    since: 99,",
    ),
    inFixes(
      'active-when-wanted',
      'the fix active-when-wanted is lost',
      "name: 'active-when-wanted',\n    since: 1,",
      "name: 'active-when-wanted',\n    since: 99,",
    ),
    inFixes(
      'initial-within-max',
      'the fix initial-within-max is lost',
      "name: 'initial-within-max',\n    since: 1,",
      "name: 'initial-within-max',\n    since: 99,",
    ),
    inFixes(
      'true-ratio',
      'the fix true-ratio is lost',
      "name: 'true-ratio',\n    since: 2,",
      "name: 'true-ratio',\n    since: 99,",
    ),
    inFixes(
      'starting-pods',
      'the fix starting-pods is lost',
      "name: 'starting-pods',\n    since: 2,",
      "name: 'starting-pods',\n    since: 99,",
    ),
    inFixes(
      'panic-exit',
      'the fix panic-exit is lost',
      "name: 'panic-exit',\n    since: 2,",
      "name: 'panic-exit',\n    since: 99,",
    ),
    inFixes(
      'routing-hysteresis',
      'the fix routing-hysteresis is lost',
      "name: 'routing-hysteresis',\n    since: 2,",
      "name: 'routing-hysteresis',\n    since: 99,",
    ),
    inFixes(
      'true-ratio',
      'algorithm 1 has the fix true-ratio',
      "name: 'true-ratio',\n    since: 2,",
      "name: 'true-ratio',\n    since: 1,",
    ),
    inFixes(
      'starting-pods',
      'algorithm 1 has the fix starting-pods',
      "name: 'starting-pods',\n    since: 2,",
      "name: 'starting-pods',\n    since: 1,",
    ),
    inFixes(
      'panic-exit',
      'algorithm 1 has the fix panic-exit',
      "name: 'panic-exit',\n    since: 2,",
      "name: 'panic-exit',\n    since: 1,",
    ),
    inFixes(
      'routing-hysteresis',
      'algorithm 1 has the fix routing-hysteresis',
      "name: 'routing-hysteresis',\n    since: 2,",
      "name: 'routing-hysteresis',\n    since: 1,",
    ),
    inFixes('knative', 'Knative has all fixes', "behaviour === 'knative' ? none : ", ''),
    inFacts('burst', 'Knative judges the requests in flight', "fixes.has('burst') && ", ''),
    inFacts(
      'burst',
      'requests in flight are judged where requests per second count',
      " && policy.metric === 'concurrency'",
      '',
    ),
    inFacts('hold-unsure', 'Knative waits for data', "!fixes.has('hold-unsure')", 'false'),
    inLife(
      'hold-unsure',
      'Knative keeps its pods without data',
      "fixes.has('hold-unsure') || unsure",
      'true || unsure',
    ),
    inBounds(
      'hold-unsure',
      'Knative bounds what it has no number for',
      "fixes.has('hold-unsure') || ",
      'true || ',
    ),
    inWanted(
      'hold-unsure',
      'Knative knows no spare capacity before its first decision',
      "fixes.has('hold-unsure') ? null",
      'true ? null',
    ),
    inBounds('adoption', 'Knative adopts', "fixes.has('adoption') ? ", 'true ? '),
    inFold(
      'adoption',
      'Knative does not panic at its start',
      " || fixesOf(workload.policy).has('adoption')",
      ' || true',
    ),
    inFold(
      'adoption',
      'who is adopted panics at the start',
      " || fixesOf(workload.policy).has('adoption')",
      '',
    ),
    inWants('tolerance', 'Knative has a tolerance', "!fixes.has('tolerance') || ", ''),
    inFacts(
      'tolerance',
      'the panic window of Knative has a tolerance',
      "fixes.has('tolerance') && wanted",
      'wanted',
    ),
    inWants(
      'delay-follows-policy',
      'Knative heeds a delay that changes',
      "fixes.has('delay-follows-policy') ?",
      'true ?',
    ),
    inGate(
      'zero-behind-activator',
      'Knative waits for an activator that is always there',
      "!fixes.has('zero-behind-activator') && ",
      'false && ',
    ),
    inLife(
      'active-when-wanted',
      'Knative waits for the first pod',
      '(goesByWant && wanted)',
      'wanted',
    ),
    inLife(
      'active-when-wanted',
      'Knative counts idle time once',
      '(goesByWant || before.timedOut === undefined)',
      'true',
    ),
    inBounds(
      'initial-within-max',
      'Knative caps the initial scale',
      "fixes.has('initial-within-max') && maxScale",
      'maxScale',
    ),
    inFacts(
      'true-ratio',
      'Knative panics by the true ratio',
      "if (!fixes.has('true-ratio'))",
      'if (counted < 0)',
    ),
    inFacts(
      'starting-pods',
      'Knative counts pods that are starting',
      "fixes.has('starting-pods') ? ",
      'true ? ',
    ),
    inFacts(
      'starting-pods',
      'pods that are starting let it grow faster',
      'Math.ceil(policy.maxScaleUpRate * readyAtLeastOne);',
      'Math.ceil(policy.maxScaleUpRate * countedAtLeastOne);',
    ),
    inFacts('panic-exit', 'Knative waits in panic for pods', "fixes.has('panic-exit') && ", ''),
    inRouting(
      'routing-hysteresis',
      'Knative leaves the path with a margin',
      "fixes.has('routing-hysteresis') && inPath",
      'inPath',
    ),
    inFacts(
      'starting-pods',
      'pods that are not wanted any more count while they start',
      'Math.min(startingPods, Math.max(0, asked - readyPods));',
      'startingPods;',
    ),
  ],
};
