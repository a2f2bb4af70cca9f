/** What a decider's state must not go on from: a rival's words, a lost tail, another past. */
import { inFile, type MutationGroup } from '../mutation.ts';

const service = 'libs/service/src';
const inEpoch = inFile(`${service}/epoch.ts`);

export const rivals: MutationGroup = {
  name: 'rivals',
  about: "a decider's state ends as soon as the log is not what it was made from",
  runs: [
    { project: 'story', files: [`${service}/rivals.test.ts`, `${service}/lost-tail.test.ts`] },
    { project: 'story', files: [`${service}/follow-stage.test.ts`] },
  ],
  mutations: [
    inEpoch(
      'fence',
      'a decider goes on after a refused append',
      "if (written.kind === 'stored') {",
      'if (written.kind !== undefined) {',
    ),
    inEpoch(
      'fence',
      "a decider goes on after a rival's decision came by the log",
      '} else if (seq > (epoch.writer.fence(subject)?.seq ?? 0)) {',
      '} else if (seq < 0) {',
    ),
    inFile(`${service}/stage-run.ts`)(
      'drain',
      'a decider ends while its appends are on their way',
      'await writer.settled();\n  if (run.failure',
      'if (run.failure',
    ),
    inFile(`${service}/read-partition.ts`)(
      'lost-tail',
      'a stage reads on while it is looked up whether the log lost its tail',
      'await check.settled();',
      '',
    ),
    inFile(`${service}/writer.ts`)(
      'lost-tail',
      'an append goes out from a state that the log has lost',
      "if (connection === undefined) return { kind: 'fenced', lastSeq: 0 };",
      '',
    ),
    inFile(`${service}/writer.ts`)(
      'lost-tail',
      'an append may be stored by another server than the one that was looked at',
      'stream.append({ ...message, connection })',
      'stream.append(message)',
    ),
    inFile(`${service}/recorded-outputs.ts`)(
      'fold-at-cause',
      'recovery writes late what history went on without',
      '|| !late(output)',
      "|| output.id !== ''",
    ),
  ],
};
