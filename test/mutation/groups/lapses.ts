/** What protects a process whose leases ran out: what it goes on with, and that it gets there. */
import { inFile, type MutationGroup } from '../mutation.ts';

const service = 'libs/service/src';
const inOwning = inFile(`${service}/own-partitions.ts`);
const inRecovery = inFile(`${service}/recovery-turns.ts`);
const inFollower = inFile(`${service}/follower.ts`);
const inWindower = inFile('services/windower/src/recover-windower.ts');
const inHeld = inFile('libs/event-log/src/leases/held-leases.ts');
const inMembers = inFile('libs/event-log/src/leases/member-sight.ts');

export const lapses: MutationGroup = {
  name: 'lapses',
  about: 'leases that ran out: what is gone on with, and how many recover at one time',
  runs: [
    {
      project: 'story',
      files: [
        `${service}/own-partitions.test.ts`,
        `${service}/left-state.test.ts`,
        `${service}/follow-stage.test.ts`,
        `${service}/slices.test.ts`,
        'services/windower/src/left-tenure.test.ts',
        'libs/event-log/src/leases/held-leases.test.ts',
        'libs/event-log/src/memory.test.ts',
      ],
    },
  ],
  mutations: [
    inHeld(
      'lease',
      'a lease counts as continued whoever owned it meanwhile',
      'const isContinued = this.#ranOut.get(partition) === expected;',
      'const isContinued = this.#ranOut.has(partition);',
    ),
    inHeld(
      'lease',
      'what is given back is not held while its work ends',
      'this.#held.get(partition)?.lease === lease && this.isValid',
      '!signal.aborted && this.isValid',
    ),
    inMembers(
      'lease',
      'one that is said to have ended and lives is never heard',
      'const isNew = before === undefined && !hadGone;',
      'const isNew = before === undefined || hadGone;',
    ),
    inOwning(
      'lease',
      'what was left is gone on with where another has owned since',
      'if (!lease.isContinued) left.take(partition);',
      '',
    ),
    inRecovery(
      'lease',
      'all partitions recover at one time',
      'pLimit(recoveriesAtOnceMax)',
      'pLimit(1_000)',
    ),
    inRecovery(
      'lease',
      'a recovery that is stuck holds up all others',
      'clock.after(turnMsMax, end)',
      'clock.after(turnMsMax, () => undefined)',
    ),
    inFile(`${service}/recover.ts`)(
      'lost-tail',
      'what was left is ahead of the log, and used',
      'const lost = await lossOf(log, left);',
      'const lost = await Promise.resolve<LogLoss | undefined>(undefined);',
    ),
    inFile(`${service}/read-partition.ts`)(
      'lease',
      'no timer rings while a batch is folded',
      'await slices.next();',
      '',
    ),
    inFollower(
      'lease',
      'a tenure that was left still takes answers in',
      '  stop.abort();\n  const { stage, partition }',
      '  const { stage, partition }',
    ),
    inFollower(
      'lost-tail',
      'what was left hides that a loss is still to be told',
      ' || follower.loss !== undefined) return;',
      ') return;',
    ),
    inWindower(
      'refold',
      'the windower goes on from memory where it is to be folded anew',
      'lostSamples !== undefined || isAskedAnew) return undefined;',
      'lostSamples !== undefined) return undefined;',
    ),
  ],
};
