/** What protects the world outside: who owns, what is written to the platform, who is held. */
import { inFile, type MutationGroup } from '../mutation.ts';

const leasing = 'libs/event-log/src';
const inHeld = inFile(`${leasing}/leases/held-leases.ts`);
const inRenewal = inFile(`${leasing}/leases/renewal.ts`);
const inSight = inFile(`${leasing}/leases/lease-sight.ts`);
const inCarryOut = inFile('services/actuator/src/carry-out.ts');
const inActuator = inFile('libs/domain/src/actuator/actuator.ts');
const inActuatorFold = inFile('libs/domain/src/actuator/fold.ts');
const inTries = inFile('libs/domain/src/actuator/tries.ts');

export const ownership: MutationGroup = {
  name: 'ownership',
  about: 'one owner for each partition: it stops before another may begin',
  runs: [
    {
      project: 'story',
      files: [`${leasing}/leases`, `${leasing}/leases.test.ts`],
      without: ['**/*.integration.test.ts'],
    },
    { project: 'story', files: [`${leasing}/leases.property.test.ts`] },
  ],
  mutations: [
    inHeld(
      'lease',
      'an owner whose time is over says that it owns',
      'return this.#options.clock.nowMs() < this.#validUntilMs;',
      'return this.#validUntilMs > 0;',
    ),
    inHeld(
      'lease',
      'the work of an owner whose time is over goes on',
      'clock.after(leftMs, () => this.#lapse())',
      'clock.after(leftMs, () => {})',
    ),
    inHeld(
      'lease',
      'the time of an owner is longer than others wait',
      'startedAtMs + ownedForMs',
      'startedAtMs + 2 * ownedForMs',
    ),
    inHeld(
      'lease',
      'a renewal that comes too late brings back what was lost',
      'if (!this.isValid) this.#lapse();',
      '',
    ),
    inHeld(
      'lease',
      'a taking that is answered too late counts',
      'if (this.isValid && lapses === this.#lapses) ',
      'if (revision > 0) ',
    ),
    inHeld(
      'lease',
      'a partition is taken on whatever revision it is',
      'await bucket.set(partitionKey(stage, partition), value, expected);',
      'await bucket.put(partitionKey(stage, partition), value);',
    ),
    inHeld(
      'lease',
      'an owner does not hear that another took over',
      'revision > held.revision)',
      'revision < 0)',
    ),
    inHeld(
      'lease',
      'a lease is given back before its work has stopped',
      'await this.#within(stopWorkMs, Promise.allSettled([stopping]));',
      '',
    ),
    inRenewal(
      'lease',
      'the time counts from the answer, not from the question',
      'onRenewed(startedAtMs);',
      'onRenewed(clock.nowMs());',
    ),
    inRenewal(
      'lease',
      'a renewal counts although what is stored is in doubt',
      'if (this.inDoubt) return false;',
      '',
    ),
    inSight(
      'lease',
      'a partition is taken before its owner was silent for long enough',
      'new FadeTimers(options.clock, abandonedAfterMs,',
      'new FadeTimers(options.clock, 0,',
    ),
  ],
};

export const platformWrites: MutationGroup = {
  name: 'platform-writes',
  about: 'the actuator moves replicas by the newest decision, and only from what it has seen',
  runs: [
    {
      project: 'story',
      files: ['libs/domain/src/actuator', 'services/actuator/src', 'libs/platform/src'],
    },
    { project: 'simulation', files: ['test/simulation/stories.test.ts'] },
  ],
  mutations: [
    inCarryOut(
      'resource-version',
      'replicas are written without a resourceVersion',
      'replicas: to, resourceVersion });\n    versions.set',
      'replicas: to });\n    versions.set',
    ),
    inCarryOut(
      'resource-version',
      'the resourceVersion is read after the decision',
      'const resourceVersion = seenVersion ?? (await',
      'const resourceVersion = versions.get(workload) ?? (await',
    ),
    inCarryOut(
      'refold',
      'a conflict is met without folding anew',
      "if (result.code === 'PLATFORM_CONFLICT') {",
      "if (result.code === '') {",
    ),
    inCarryOut(
      'refold',
      'the next try does not wait until the log is folded',
      'while (tenure.throughSeq() < (last?.seq ?? 0)) {',
      'while (tenure.throughSeq() < 0) {',
    ),
    inCarryOut(
      'lease',
      'who is no longer the owner writes replicas',
      'assertOwner(options, tenure);\n    const answer',
      'const answer',
    ),
    inCarryOut(
      'overtaken',
      'a decision that was overtaken while it waited is written',
      'if (isOvertaken(tenure, command)) return answered(overtaken);',
      '',
    ),
    inCarryOut(
      'wake',
      'a wake takes pods away',
      'if (isAwake(options, tenure, command)) return answered(awake);',
      '',
    ),
    inCarryOut(
      'wake',
      'a wake whose number is put right takes pods away',
      'if (!atLeast || seen',
      "if (because !== 'woken' || seen",
    ),
    inFile('libs/domain/src/actuator/state.ts')(
      'wake',
      'a wake takes away what somebody has added',
      'atLeast ? replicas >= to : replicas === to',
      'replicas === to || atLeast === undefined',
    ),
    inActuatorFold(
      'lost-tail',
      'a routing that the log has forgotten stands',
      'workload.routingApplied = null;\n    workload.routingTries',
      'workload.routingTries',
    ),
    inCarryOut(
      'poison',
      'a platform that does not answer ends the actuator',
      'if (!(error instanceof OutsideError)) throw error;\n  const { code',
      'throw error;\n  const { code',
    ),
    inActuator(
      'wake',
      'a wake is obeyed although the decider speaks',
      'if (silentMs <= deciderSilentMs) return null;',
      '',
    ),
    inActuator(
      'live',
      'history is carried out again',
      'workload === undefined || !state.live) return [];',
      'workload === undefined) return [];',
    ),
    inActuatorFold(
      'wake',
      'a decider that spoke while nothing waited is taken for silent',
      'state.decidedHeardAtMs = null;',
      'state.decidedHeardAtMs = state.nowMs;',
    ),
    inActuatorFold(
      'wake',
      'a wake that was obeyed late stands over a newer decision',
      "if (because === 'woken' && isLate(workload.wake, decisionId)) {",
      "if (because === 'woken' && decisionId === '') {",
    ),
    inActuatorFold(
      'wake',
      'a wake that is under way is forgotten when another comes long after it',
      'workload.wake = { id, atMs, traceparent, before: wake.id };',
      'workload.wake = { id, atMs, traceparent };',
    ),
    inActuatorFold(
      'derived-ids',
      'what a late wake has changed is put right under a name that was used',
      'workload.target = { ...target, causeId };',
      '',
    ),
    inTries(
      'derived-ids',
      'the numbers of a wake that stands are forgotten with those of a decision',
      'wake === null ? null : tries;',
      'wake === tries ? tries : null;',
    ),
    inTries(
      'derived-ids',
      'two tries have one number',
      'lastAttempt: Math.max(before?.lastAttempt ?? 0, attempt),',
      'lastAttempt: 0,',
    ),
    inActuatorFold(
      'unexplained',
      'replicas that no event explains are believed at once',
      'if (state.decidedThroughAtMs <= afterTickMs) return false;',
      '',
    ),
    inActuatorFold(
      'unexplained',
      'a decision that comes after the word of its tick comes too late',
      'if (state.nowMs - workload.unexplained.spokenAtMs < decisionLateMs) return false;',
      '',
    ),
    inFile('libs/platform/src/workload-object.ts')(
      'resource-version',
      'the memory platform takes a write on any resourceVersion',
      'resourceVersion !== undefined && resourceVersion !== String(current.resourceVersion)',
      "resourceVersion === ''",
    ),
  ],
};
