/** When the decider decides, by which algorithm, and what it records: each broken. */
import { inFile, type MutationGroup } from '../mutation.ts';
import { deciderRuns } from './decider-runs.ts';

const inTicks = inFile('libs/domain/src/decider/fold-tick.ts');
const inVersions = inFile('libs/domain/src/decider/algorithm/versions.ts');
const inChanges = inFile('libs/domain/src/decider/changes.ts');
const inRule = inFile('libs/domain/src/decider/algorithm/rule.ts');
const inDecidedState = inFile('libs/domain/src/decider/decided-state.ts');

export const decisions: MutationGroup = {
  name: 'decisions',
  about: 'at which ticks it decides, by which algorithm, and what it records',
  runs: deciderRuns,
  mutations: [
    inTicks('TickObserved', 'averages are kept in thousandths', 'milli / 1000;', 'milli;'),
    inTicks(
      'TickObserved',
      'the panic average is the stable one',
      'rows.panicMilli[index]',
      'rows.stableMilli[index]',
    ),
    inTicks(
      'TickObserved',
      'what is seen stays as it was',
      "workload.seen = rows.seen[index] ?? 'blind';",
      '',
    ),
    inTicks(
      'TickObserved',
      'a poke evaluates everyone',
      '  if (isTick && part === parts) {',
      '  if (part === parts) {',
    ),
    inTicks(
      'TickObserved',
      'nobody without a row is evaluated',
      '  if (isTick && part === parts) {',
      '  if (false) {',
    ),
    inTicks(
      'TickObserved',
      'a workload is evaluated twice in a tick',
      'if (known.tickedAtMs === atMs) continue;',
      '',
    ),
    inTicks(
      'TickObserved',
      'what is in flight now counts at the next tick too',
      'workload.pending = hasTurned || wasPoked || timeMayMove',
      'workload.pending = hasTurned || timeMayMove',
    ),
    inTicks(
      'TickObserved',
      'panic does not end by time',
      '  found.memory.panicSinceMs !== null ||\n',
      '',
    ),
    inTicks(
      'TickObserved',
      'the way to zero does not go on by time',
      '  (found.desired === 0 && found.to > 0) ||\n',
      '',
    ),
    inTicks(
      'TickObserved',
      'a workload of another class is scaled',
      ' && policy.class === ourClass',
      '',
    ),
    inTicks(
      'TickObserved',
      'one that has not appeared is scaled',
      'workload.uid !== null && policy',
      'policy',
    ),
    inVersions(
      'algorithm',
      'one that nobody knows decides like the newest',
      '=> algorithms[version];',
      '=> algorithms[version] ?? assess;',
    ),
    inVersions('algorithm', 'version 1 is forgotten', '{ 1: assess, 2: assess }', '{ 2: assess }'),
    inVersions('algorithm', 'version 2 is not known', '{ 1: assess, 2: assess }', '{ 1: assess }'),
    inChanges(
      'changed',
      'what a wake asked for stands beside a decision of before it',
      ' || found.to !== asked',
      '',
    ),
    inChanges(
      'changed',
      'a mode that changes is not told',
      "  if (found.mode !== last.mode) now.push('mode');\n",
      '',
    ),
    inChanges(
      'changed',
      'routing that changes is not told',
      "  if (found.routing !== last.routing) now.push('routing');\n",
      '',
    ),
    inChanges(
      'changed',
      'every new reason is told at once',
      'const due = !wavers || found.atMs - last.atMs >= reasonIntervalMs;',
      'const due = true;',
    ),
    inChanges(
      'changed',
      'a new reason is never told alone',
      'if (due || now.length > 0)',
      'if (now.length > 0)',
    ),
    inChanges(
      'changed',
      'a reason that waits is forgotten',
      'later: now.length === 0',
      'later: false',
    ),
    inRule(
      'path',
      'a rule leaves its name when it moves nothing',
      '    if (to === from) continue;\n',
      '',
    ),
    inRule(
      'path',
      'each rule goes by the first number',
      'const from = want;',
      'const from = start;',
    ),
    inDecidedState(
      'get',
      'the panic that is shown is the last decision’s',
      "workload.memory.panicSinceMs === null ? 'stable' : 'panic'",
      "last?.mode ?? 'stable'",
    ),
  ],
};
