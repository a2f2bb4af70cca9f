/** Each step of the gate to zero, and each reason to hold, broken at least once. */
import { inFile, type MutationGroup } from '../mutation.ts';
import { deciderRuns } from './decider-runs.ts';

const inGate = inFile('libs/domain/src/decider/algorithm/zero-gate.ts');
const inFacts = inFile('libs/domain/src/decider/algorithm/facts.ts');
const inWanted = inFile('libs/domain/src/decider/algorithm/wanted.ts');
const inWants = inFile('libs/domain/src/decider/algorithm/want-rules.ts');
const inShare = inFile('libs/domain/src/decider/algorithm/seen-share.ts');
const inSight = inFile('libs/domain/src/decider/sight.ts');
const inLife = inFile('libs/domain/src/decider/algorithm/lifecycle.ts');

export const gates: MutationGroup = {
  name: 'gates',
  about: 'the steps on the way to zero, and what is held without sight',
  runs: deciderRuns,
  mutations: [
    inGate(
      'scale-to-zero-off',
      'it may go to zero all the same',
      'if (!policy.enableScaleToZero) {',
      'if (policy.enableScaleToZero === undefined) {',
    ),
    inGate(
      'stable-window',
      'the last pod goes without one',
      'return activeMs < stableWindowMs',
      'return activeMs < 0',
    ),
    inGate(
      'stable-window',
      'it lasts one evaluation longer',
      'return activeMs < stableWindowMs',
      'return activeMs <= stableWindowMs',
    ),
    inGate(
      'grace',
      'there is none',
      'const graceOver = inactiveMs >= graceMs || (sinceMs !== null && atMs - sinceMs >= graceMs);',
      'const graceOver = true;',
    ),
    inGate(
      'grace',
      'the time behind the activator does not count',
      ' || (sinceMs !== null && atMs - sinceMs >= graceMs)',
      '',
    ),
    inGate('grace', 'pods are not retained', ' && inactiveMs >= retentionMs) {', ') {'),
    inGate(
      'grace',
      'an unreachable workload retains its pods',
      'workload.reachable ? policy.scaleToZeroPodRetentionPeriodMs : 0',
      'policy.scaleToZeroPodRetentionPeriodMs',
    ),
    inGate(
      'to-zero',
      'zero does not wait for the activator',
      'if (proxied && graceOver',
      'if (graceOver',
    ),
    inGate(
      'to-zero',
      'zero is never reached',
      'if (proxied && graceOver',
      'if (false && proxied && graceOver',
    ),
    inGate(
      'to-zero',
      'what never comes up is never given up',
      'if (spentMs > policy.progressDeadlineMs + activationMarginMs) {',
      'if (spentMs < 0) {',
    ),
    inGate(
      'to-zero',
      'it is given up at once',
      'activationMarginMs = 30_000;',
      'activationMarginMs = 0;',
    ),
    inGate(
      'activating',
      'what is not up yet is taken away',
      "gate: 'activating', replicas: workload.asked, want: null,",
      "gate: 'activating', replicas: 0, want: null,",
    ),
    inGate(
      'activating',
      'it is called idle while it comes up',
      "gate: 'activating', replicas: workload.asked, want: null,",
      "gate: 'activating', replicas: workload.asked, want: 0,",
    ),
    inFacts(
      'hold-blind',
      'blind is idle',
      "  if (workload.seen === 'blind') return 'hold-blind';\n",
      '',
    ),
    inFacts(
      'hold-unseen',
      'an unseen platform is decided on',
      "  if (!workload.platformSeen) return 'hold-unseen';\n",
      '',
    ),
    inFacts(
      'hold-unobserved',
      'what nobody watched is idle',
      "if (workload.seen === 'unobserved' || workload.stableAverage === null) return",
      'if (workload.stableAverage === null) return',
    ),
    inFacts(
      'hold-unobserved',
      'requests in flight are not seen without an average',
      'if (moment.inFlight !== null && moment.inFlight > 0) return null;',
      'if (moment.inFlight !== null && moment.inFlight < 0) return null;',
    ),
    inLife(
      'hold-blind',
      'what was asked for is no floor while blind',
      'if (floored && to < workload.asked) {',
      'if (floored && to > workload.asked) {',
    ),
    inWants(
      'hold-gap',
      'what was not seen is no load',
      'apply: (want, { gap }) => Math.max(want, gap.pods),',
      'apply: (want) => want,',
    ),
    inFacts(
      'hold-gap',
      'too little of a window is as good as all of it',
      'seenShareMin = 0.1;',
      'seenShareMin = 0;',
    ),
    inFacts(
      'hold-gap',
      'a poke takes away while nobody can measure',
      "if (seen === 'blind' || known.share",
      'if (known.share',
    ),
    inFacts(
      'hold-gap',
      'Knative holds what it has not seen',
      "const holds = fixes.has('hold-unsure');",
      'const holds = fixes.size < 99;',
    ),
    inShare(
      'hold-gap',
      'older seconds do not fade',
      "metricAggregationAlgorithm === 'linear'",
      "metricAggregationAlgorithm !== 'linear' || true",
    ),
    inShare(
      'hold-gap',
      'a young window is taken for a full one',
      'Math.max(nowMs - stableWindowMs, Math.min(youngFromMs, nowMs - secondMs));',
      'nowMs - stableWindowMs;',
    ),
    inSight(
      'hold-gap',
      'ticks that were not said are no gap',
      ' && atMs - beforeMs <= ticksApartMaxMs',
      '',
    ),
    inSight(
      'hold-gap',
      'a gap ends where the last blind tick was',
      'if (!isBlind && !wasUnseen && atMs',
      'if (!isBlind && atMs',
    ),
    inSight(
      'hold-gap',
      'the seconds before it was found blind were seen',
      'Math.min(beforeSecondMs, coveredUntilMs)',
      'beforeSecondMs',
    ),
    inSight(
      'hold-gap',
      'a time without pods is a gap',
      ' || tick.beforeMs < averagedSinceMs) return;',
      ') return;',
    ),
    inSight('hold-gap', 'nobody looks again as it passes', '  workload.pending = true;\n', ''),
    inWanted(
      'hold-unobserved',
      'one that is coming up wants what was asked',
      'const unanswered = isActivating(facts.workload) ? 0 : asked;',
      'const unanswered = asked;',
    ),
  ],
};
