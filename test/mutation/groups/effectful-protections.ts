/** What effectful stages, projections and the keeper must not lose: facts, readers, late owners. */
import { inFile, type MutationGroup } from '../mutation.ts';

const service = 'libs/service/src';
const watcher = 'services/watcher/src';
const inFollower = inFile(`${service}/follower.ts`);

export const effects: MutationGroup = {
  name: 'effects',
  about: 'what is told of the outside comes to the log once, and readers and late owners go on',
  runs: [
    {
      project: 'story',
      files: [
        `${service}/writer.test.ts`,
        `${service}/told-facts.test.ts`,
        `${service}/unreadable-events.test.ts`,
        `${watcher}/keeper-loop.test.ts`,
      ],
    },
  ],
  mutations: [
    inFollower(
      'fence',
      'an effectful stage goes on after a refused append',
      "if (written.kind === 'stored') {",
      'if (written.kind !== undefined) {',
    ),
    inFollower(
      'append-then-position',
      'an effectful stage stores a snapshot before its facts',
      'while (writer.pending() > 0) await writer.settled();',
      '',
    ),
    inFile(`${service}/writer.ts`)(
      'fence',
      'what waits behind a refused append goes out',
      'context.refused.add(laneOf(event));',
      '',
    ),
    inFile(`${service}/writer.ts`)(
      'order',
      'what waits behind an append that failed goes out',
      'refuse(context, event);\n      throw error;',
      'throw error;',
    ),
    inFile(`${service}/writer.ts`)(
      'order',
      'what is told of one workload on two subjects overtakes each other',
      'event.workload ?? subjectOfEvent(event);',
      'subjectOfEvent(event);',
    ),
    inFile(`${service}/follow-projection.ts`)(
      'poison',
      'what nobody can read stops the routes',
      "putAside(following, message, 'LOG_CORRUPT', decoded.reason);",
      'throw new Error(decoded.reason);',
    ),
    inFile(`${watcher}/keeper-loop.ts`)(
      'keeper',
      'the keeper purges by this round, not by the one before',
      'const before = lastRound.get(partition);',
      'const before = await keepableNow(log, partition);',
    ),
    inFile(`${watcher}/keeper-loop.ts`)(
      'keeper',
      'the keeper purges a log that was made anew by sequences of the one before',
      'keepableInBoth(before, now)',
      'before',
    ),
    inFile(`${watcher}/keeper.ts`)(
      'keeper',
      'the keeper purges by snapshots of what the log lost',
      'if ((await lossAt(log.events, snapshot)) !== undefined) return nothing;',
      '',
    ),
  ],
};
