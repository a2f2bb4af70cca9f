/** What the stages tell as spans: each output once, by whoever stored it, in the right trace. */
import { inFile, type MutationGroup } from '../mutation.ts';

const service = 'libs/service/src';
const inStored = inFile(`${service}/stored-now.ts`);
const inEpoch = inFile(`${service}/epoch.ts`);
const inStart = inFile(`${service}/start-service.ts`);
const inPoke = inFile('services/windower/src/tell-poke.ts');
const inDecisions = inFile('services/decider/src/tell-decisions.ts');
const inActions = inFile('services/actuator/src/tell-actions.ts');

export const stageTelling: MutationGroup = {
  name: 'stage-telling',
  about: 'which spans the stages tell, and which they never tell again',
  runs: [
    {
      project: 'story',
      files: [
        `${service}/stored-now.test.ts`,
        `${service}/start-service.test.ts`,
        'services/windower/src/tell-poke.test.ts',
        'services/decider/src/tell-decisions.test.ts',
        'services/actuator/src/tell-actions.test.ts',
      ],
    },
  ],
  mutations: [
    inStored(
      'told-once',
      'what a rival had stored in the very same words is told again',
      "written.kind !== 'stored' || written.again === true",
      "written.kind !== 'stored'",
    ),
    inEpoch(
      'told-once',
      'what was missing from the log after a recovery is never told',
      'for (const output of missing) void send(epoch, output, tell);',
      'for (const output of missing) void send(epoch, output, undefined);',
    ),
    inStart(
      'told-last',
      'what the loops say at their end is not sent',
      "life.onClose('telemetry', () => telemetry.close());",
      "life.onDrain('telemetry', () => telemetry.close());",
    ),
    inStart(
      'telling-services',
      'a service that tells nothing loads what tells spans',
      'if (tracesUrl === undefined) return silentTelemetry;',
      "if (tracesUrl === '') return silentTelemetry;",
    ),
    inPoke(
      'poked-rows',
      'a batch is told as folded for rows that it did not poke',
      'if (poked.has(workloadOf(span))) telemetry.tell(span);',
      'if (poked.size >= 0) telemetry.tell(span);',
    ),
    inDecisions(
      'waiting',
      'a decision links to a request that a pod has taken',
      'this.#requests.delete(workload);\n      return undefined;',
      'return known;',
    ),
    inActions('apply-start', 'a scale lasts no time', 'takenAtMs.get(command) ?? endMs', 'endMs'),
  ],
};
