/** Each rule that turns a load into pods, and each bound of it, broken at least once. */
import { inFile, type MutationGroup } from '../mutation.ts';
import { deciderRuns } from './decider-runs.ts';

const inWants = inFile('libs/domain/src/decider/algorithm/want-rules.ts');
const inBounds = inFile('libs/domain/src/decider/algorithm/bound-rules.ts');
const inFacts = inFile('libs/domain/src/decider/algorithm/facts.ts');
const inWanted = inFile('libs/domain/src/decider/algorithm/wanted.ts');
const inDelay = inFile('libs/domain/src/decider/algorithm/delay-window.ts');
const inTicks = inFile('libs/domain/src/decider/fold-tick.ts');

export const rules: MutationGroup = {
  name: 'rules',
  about: 'the rules that need, limit and bound the number of pods',
  runs: deciderRuns,
  mutations: [
    inFacts(
      'need',
      'a load that needs a part of a pod gets none for it',
      'Math.ceil(load / policy.targetValue);',
      'Math.floor(load / policy.targetValue);',
    ),
    inWants('tolerance', 'the tolerance moves no number', '? wanted : want;', '? want : want;'),
    inFacts(
      'tolerance',
      'the tolerance has no lower edge',
      'load >= asked * (1 - tolerance) && load',
      'load',
    ),
    inFacts(
      'tolerance',
      'the tolerance has no upper edge',
      ' && load <= asked * (1 + tolerance)',
      '',
    ),
    inWants('rate-up', 'pods grow without a limit', 'Math.min(want, mayGrowTo)', 'want'),
    inFacts(
      'rate-up',
      'growth is limited by a floor',
      'Math.ceil(policy.maxScaleUpRate * readyAtLeastOne)',
      'Math.floor(policy.maxScaleUpRate * readyAtLeastOne)',
    ),
    inWants('rate-down', 'pods shrink without a limit', 'Math.max(want, mayShrinkTo)', 'want'),
    inFacts(
      'rate-down',
      'an unreachable workload shrinks by the rate',
      'reachable ? Math.floor(',
      'true ? Math.floor(',
    ),
    inWants(
      'activation-scale',
      'any load gets what it needs',
      'stableAverage > 0 ? Math.max(want, policy.activationScale) : want',
      'want',
    ),
    inFacts(
      'activation-scale',
      'the panic window does not know it',
      'return load > 0 ? Math.max(within, policy.activationScale) : within;',
      'return within;',
    ),
    inWants(
      'panic',
      'the panic window has no say',
      'inPanic(facts) ? Math.max(want, facts.panicPods) : want',
      'want',
    ),
    inWants(
      'panic',
      'the panic window always has its say',
      'inPanic(facts) ? Math.max(want, facts.panicPods) : want',
      'Math.max(want, facts.panicPods)',
    ),
    inWants(
      'burst',
      'requests in flight have no say in panic',
      'if (inPanic(facts)) return Math.max(want, facts.burstPods);',
      'if (inPanic(facts)) return want;',
    ),
    inWants(
      'burst',
      'the first request waits for an average',
      'return Math.max(want, firstPods(facts));',
      'return want;',
    ),
    inWants(
      'panic-hold',
      'pods go in panic',
      'inPanic(facts) ? Math.max(want, facts.panic.panicMax) : want',
      'want',
    ),
    inWants(
      'scale-down-delay',
      'no want is remembered',
      'facts.workload.reachable && delaySlotsOf(facts) > 0',
      'false',
    ),
    inWants(
      'scale-down-delay',
      'an unreachable workload waits too',
      'facts.workload.reachable && delaySlotsOf(facts) > 0',
      'delaySlotsOf(facts) > 0',
    ),
    inWanted(
      'scale-down-delay',
      'the delay remembers what it lifted',
      'pods: delayed?.from ?? want,',
      'pods: want,',
    ),
    inWanted(
      'scale-down-delay',
      'an unreachable workload remembers its wants',
      'delaySlots: workload.reachable\n',
      'delaySlots: true\n',
    ),
    inDelay(
      'scale-down-delay',
      'a part of a slot is no slot',
      'Math.ceil(delayMs / slotMs)',
      'Math.floor(delayMs / slotMs)',
    ),
    inDelay(
      'scale-down-delay',
      'the slot that the delay has passed still counts',
      'slot > oldest',
      'slot >= oldest',
    ),
    inDelay(
      'scale-down-delay',
      'the newest want counts, not the largest',
      'pods > want.pods',
      'pods < want.pods',
    ),
    inDelay(
      'scale-down-delay',
      'a delay of none keeps its slots',
      'return slots.length === 0 ? slots : [];',
      'return slots;',
    ),
    inBounds(
      'adoption',
      'pods that it came with are not kept',
      'Math.max(want, workload.adopting ?? 0)',
      'want',
    ),
    inTicks(
      'adoption',
      'they are kept for one measured tick only',
      'if (atMs - measuredSinceMs >= policy.stableWindowMs) ',
      '',
    ),
    inTicks(
      'adoption',
      'a break in the measuring is not noticed',
      "workload.seen === 'measured' ? (workload.measuredSinceMs ?? atMs) : null;",
      'workload.measuredSinceMs ?? atMs;',
    ),
    inBounds(
      'initial-scale',
      'a new workload has what it needs',
      'bounded(facts) ? Math.max(want, initialFloor(facts)) : want',
      'want',
    ),
    inBounds('initial-scale', 'it is held for ever', 'workload.memory.initialised || ', ''),
    inBounds(
      'initial-scale',
      'an unreachable workload has one too',
      ' || (!workload.reachable && initialScale > 1)',
      '',
    ),
    inBounds(
      'min-scale',
      'there is no floor',
      'bounded(facts) ? Math.max(want, facts.floor) : want',
      'want',
    ),
    inFacts(
      'min-scale',
      'what is unreachable keeps its floor',
      'workload.reachable || policy.minScaleWhenUnreachable ? policy.minScale : 0',
      'policy.minScale',
    ),
    inFacts(
      'min-scale',
      'the floor of Knative 0.7 is not known',
      'workload.reachable || policy.minScaleWhenUnreachable ?',
      'workload.reachable ?',
    ),
    inBounds(
      'max-scale',
      'there is no ceiling',
      'bounded(facts) && facts.policy.maxScale > 0 ? Math.min(want, facts.policy.maxScale) : want',
      'want',
    ),
    inBounds(
      'max-scale',
      'a ceiling of 0 is one',
      'bounded(facts) && facts.policy.maxScale > 0 ? Math.min',
      'bounded(facts) ? Math.min',
    ),
    inBounds(
      'max-scale',
      'Knative too cuts to the ceiling what a floor has lifted',
      'if (!lifted || ',
      'if (true || ',
    ),
  ],
};
