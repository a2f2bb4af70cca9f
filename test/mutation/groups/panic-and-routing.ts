/** Panic, the room for bursts, and what routing makes of it: each broken. */
import { inFile, type MutationGroup } from '../mutation.ts';
import { deciderRuns } from './decider-runs.ts';

const inPanic = inFile('libs/domain/src/decider/algorithm/panic.ts');
const inFacts = inFile('libs/domain/src/decider/algorithm/facts.ts');
const inCapacity = inFile('libs/domain/src/decider/algorithm/capacity.ts');
const inRouting = inFile('libs/domain/src/decider/algorithm/routing.ts');

export const panicAndRouting: MutationGroup = {
  name: 'panic-and-routing',
  about: 'how panic begins, lasts and ends; room for bursts, activators and routing',
  runs: deciderRuns,
  mutations: [
    inPanic(
      'enter',
      'panic is never entered',
      'const overAtMs = over ? atMs : before.panicOverAtMs;',
      'const overAtMs = before.panicOverAtMs;',
    ),
    inPanic(
      'extend',
      'a second surge does not extend it',
      'const overAtMs = over ? atMs : before.panicOverAtMs;',
      'const overAtMs = before.panicOverAtMs ?? (over ? atMs : null);',
    ),
    inPanic(
      'leave',
      'panic is never left',
      '  if (!over && overAtMs + outlastsMs(policy, waits) < atMs) return calm;\n',
      '',
    ),
    inPanic(
      'leave',
      'it is left after exactly a stable window',
      'outlastsMs(policy, waits) < atMs',
      'outlastsMs(policy, waits) <= atMs',
    ),
    inPanic(
      'leave',
      'it is left as soon as the load is under the threshold',
      'overAtMs + outlastsMs(policy, waits) < atMs',
      'overAtMs < atMs',
    ),
    inPanic(
      'most-wanted',
      'the newest want counts in panic, not the largest',
      'Math.max(before.panicMax, pods)',
      'pods',
    ),
    inPanic('since', 'panic begins anew at each evaluation', 'before.panicSinceMs ?? atMs', 'atMs'),
    inPanic('start', 'one that starts with pods does not panic', 'pods > 1\n', 'pods < 0\n'),
    inPanic(
      'panic-exit',
      'panic waits for ever',
      'Math.max(stableWindowMs, progressDeadlineMs)',
      'Number.POSITIVE_INFINITY',
    ),
    inFacts(
      'threshold',
      'exactly the threshold is no panic',
      'return load / (counted * policy.targetValue) >= policy.panicThreshold;',
      'return load / (counted * policy.targetValue) > policy.panicThreshold;',
    ),
    inFacts(
      'threshold',
      'in Knative exactly the threshold is no panic',
      'counted >= policy.panicThreshold',
      'counted > policy.panicThreshold',
    ),
    inFacts(
      'threshold',
      'with nothing ready no load is too much',
      '  if (workload.readyPods === 0 && load > counted * policy.totalValue) return true;\n',
      '',
    ),
    inFacts(
      'threshold',
      'a burst is no sign of panic',
      'burst > 0 ? Math.max(panicAverage, burst) : panicAverage',
      'panicAverage',
    ),
    inFacts(
      'blind-panic',
      'panic ends while nobody can see',
      '        : workload.memory,\n    floor:',
      '        : { panicSinceMs: null, panicOverAtMs: null, panicMax: 0 },\n    floor:',
    ),
    inCapacity(
      'excess-burst-capacity',
      'it is rounded up',
      'return Math.floor(readyPods',
      'return Math.ceil(readyPods',
    ),
    inCapacity(
      'excess-burst-capacity',
      'the load in flight takes no room',
      ' - panicAverage)',
      ')',
    ),
    inCapacity(
      'excess-burst-capacity',
      'it goes by what pods are asked to take',
      'readyPods * policy.totalValue - policy',
      'readyPods * policy.targetValue - policy',
    ),
    inCapacity(
      'excess-burst-capacity',
      '0 is a capacity like others',
      '  if (policy.targetBurstCapacity === 0) return 0;\n',
      '',
    ),
    inCapacity(
      'excess-burst-capacity',
      '-1 is a capacity like others',
      '  if (policy.targetBurstCapacity < 0) return -1;\n',
      '',
    ),
    inCapacity(
      'excess-burst-capacity',
      'the first decision has no spare capacity',
      'policy.initialScale * policy.totalValue - ',
      '0 - ',
    ),
    inCapacity(
      'scrapes',
      'pods are waited for behind an activator that counted everything',
      'policy.targetBurstCapacity !== -1;',
      'true;',
    ),
    inCapacity('activators', 'one is enough', 'activatorsMin = 2;', 'activatorsMin = 1;'),
    inCapacity(
      'activators',
      'a part of one is none',
      'Math.ceil(carried / policy',
      'Math.floor(carried / policy',
    ),
    inCapacity(
      'activators',
      '-1 takes from what they carry',
      'Math.max(policy.targetBurstCapacity, 0)',
      'policy.targetBurstCapacity',
    ),
    inCapacity(
      'activators',
      '0 has as many as others',
      '  if (policy.targetBurstCapacity === 0) return activatorsMin;\n',
      '',
    ),
    inRouting(
      'routing',
      'requests go straight to pods that are not wanted',
      'want !== null && want > 0 && spare',
      'spare',
    ),
    inRouting(
      'routing',
      'exactly enough room is not enough',
      'spare >= leavesAt(facts)',
      'spare > leavesAt(facts)',
    ),
    inRouting(
      'routing',
      'what is not known is room',
      'spare !== null && spare >= leavesAt(facts)',
      '(spare ?? 0) >= leavesAt(facts)',
    ),
    inRouting(
      'routing-hysteresis',
      'the margin is for entering the path',
      "!== 'pods'",
      "=== 'pods'",
    ),
    inRouting(
      'routing-hysteresis',
      'there is no margin',
      'leavingShare = 0.1;',
      'leavingShare = 0;',
    ),
    inRouting(
      'routing-hysteresis',
      'algorithm 1 says why it routes so',
      'saysWhySince = 2;',
      'saysWhySince = 1;',
    ),
  ],
};
