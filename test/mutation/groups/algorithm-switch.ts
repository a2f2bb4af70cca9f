/** When the algorithm changes, who is asked about it, and who counts as living. */
import { inFile, type MutationGroup } from '../mutation.ts';

const watcher = 'libs/domain/src/watcher';
const inChoice = inFile(`${watcher}/choose-algorithm.ts`);
const inFold = inFile(`${watcher}/fold.ts`);
const inAnnounced = inFile(`${watcher}/announced-algorithms.ts`);
const inSight = inFile('libs/event-log/src/leases/member-sight.ts');

export const algorithmSwitch: MutationGroup = {
  name: 'algorithm-switch',
  about: 'when the algorithm changes, and who counts as living',
  runs: [
    { project: 'story', files: [watcher, 'services/watcher', 'libs/event-log/src/leases'] },
    { project: 'story', files: ['libs/event-log/src/memory.test.ts'] },
  ],
  mutations: [
    inChoice(
      'asked-for',
      'one decider that can do it is enough for what is asked for',
      ': deciders.every(canDo(asked));',
      ': deciders.some(canDo(asked));',
    ),
    inChoice(
      'asked-for',
      'whatever is asked for is believed while no decider lives',
      'deciders.length === 0 ? nothingChanges :',
      'deciders.length === 0 ? true :',
    ),
    inChoice(
      'asked-for',
      'those who can are blamed',
      'deciders.filter((decider) => !canDo(asked)(decider))',
      'deciders.filter((decider) => canDo(asked)(decider))',
    ),
    inChoice(
      'newest',
      'the newest of one decider is taken for that of all',
      ' && others.every(canDo(version))',
      '',
    ),
    inChoice(
      'newest',
      'what is in force is forgotten while no decider lives',
      '.at(-1) ?? inForce ?? own',
      '.at(-1) ?? own',
    ),
    inChoice(
      'newest',
      'a version that no settings are known for is taken',
      'version <= newest && ',
      '',
    ),
    inChoice(
      'newest',
      'nobody is told that a newer one waits',
      '[...resolution.warnings, waiting]',
      'resolution.warnings',
    ),
    inFold(
      'DecidersObserved',
      'deciders that come and go are not heard of',
      '      state.sight.deciders = fact.deciders;\n',
      '',
    ),
    inFold(
      'DecidersObserved',
      'no workload is looked at again for them',
      `      state.sight.deciders = fact.deciders;
      for (const key of state.sight.workloads.keys()) state.sight.changed.add(key);\n`,
      '      state.sight.deciders = fact.deciders;\n',
    ),
    inFold(
      'PolicySet',
      'the version in force is not remembered',
      '      said.algorithm = event.data.policy.algorithm;\n',
      '',
    ),
    inAnnounced(
      'abilities',
      'one that announces nothing can do nothing',
      'abilities[algorithmAbility] ?? unannounced',
      'abilities[algorithmAbility] ?? []',
    ),
    inSight(
      'members',
      'a silent watch is believed',
      'entry !== undefined && entry.revision !== seen.revision',
      'false',
    ),
    inSight(
      'members',
      'an outage kills those that are not heard of',
      '    this.#paused = true;\n    this.#fading.stopAll();\n',
      '',
    ),
    inSight(
      'members',
      'who does not answer is taken for gone',
      "if (entry === 'unknown') this.#fading.restart(token);",
      "if (entry === 'unknown') this.#leave(token);",
    ),
    inSight(
      'members',
      'a deletion does not say goodbye',
      '      this.#leave(token);\n      return;\n',
      '      return;\n',
    ),
    inSight(
      'members',
      'what the killed announced is kept',
      'this.#options.onForgotten?.(token, revision)',
      'undefined',
    ),
  ],
};
