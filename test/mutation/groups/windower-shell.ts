/** What the windower's shell must not go on from: refused ticks, lost tails, doubtful writes. */
import { inFile, type MutationGroup } from '../mutation.ts';

const shell = 'services/windower/src';
const inLoop = inFile(`${shell}/run-windower.ts`);
const inKeeper = inFile(`${shell}/store-keeper.ts`);

export const windowerShell: MutationGroup = {
  name: 'windower-shell',
  about: 'the windower goes on only from what the log and Redis hold',
  runs: [
    {
      project: 'story',
      files: ['run-windower', 'store-keeper', 'open-writers'].map(
        (test) => `${shell}/${test}.test.ts`,
      ),
    },
  ],
  mutations: [
    inLoop('fence', 'the windower goes on after a refused tick', '  fence(tenure, `', '  void (`'),
    inLoop(
      'dedupe',
      "another owner's tick under the same id counts as one's own",
      "written.kind === 'duplicate' && !isTick",
      "written.kind === 'duplicate'",
    ),
    inFile(`${shell}/log-checks.ts`)(
      'lost-tail',
      'the windower goes on after a lost tail',
      'onLost: ({ verdict }) => fence(tenure(), `',
      'onLost: ({ verdict }) => void (`',
    ),
    inLoop(
      'append-then-position',
      'the windower stores its position before its ticks',
      'await Promise.all([ticks.settled(), minutes.settled()]);',
      'break;',
    ),
    inKeeper(
      'window-store',
      'a write to Redis that failed is taken for held',
      'keeping.cursorSeq = undefined;\n  const written',
      'keeping.cursorSeq = cursorSeq;\n  const written',
    ),
    inKeeper(
      'window-store',
      'each second in which Redis is away is noted, however long that is',
      '      keeping.dirty.clear();\n      keeping.dirty.set(',
      '      keeping.dirty.set(',
    ),
    inKeeper(
      'window-store',
      'a write that Redis refused is taken for held',
      'if (written) keeping.cursorSeq = cursorSeq;',
      'keeping.cursorSeq = cursorSeq;',
    ),
    inFile(`${shell}/open-writers.ts`)(
      'fences',
      'the last minute of each name that a workload ever had is remembered',
      '  minutes.fences(Number.POSITIVE_INFINITY);\n',
      '',
    ),
  ],
};
