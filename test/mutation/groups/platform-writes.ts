/** What protects the platform: what is written to it, on which version, and by whom. */
import { inFile, type MutationGroup } from '../mutation.ts';

const inCarryOut = inFile('services/actuator/src/carry-out.ts');
const inActuator = inFile('libs/domain/src/actuator/actuator.ts');
const inActuatorFold = inFile('libs/domain/src/actuator/fold.ts');
const inReplicas = inFile('libs/domain/src/actuator/replicas.ts');
const inWakes = inFile('libs/domain/src/actuator/wakes.ts');
const inTries = inFile('libs/domain/src/actuator/tries.ts');

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
      'replicas: to, resourceVersion });\n    writeVersions',
      'replicas: to });\n    writeVersions',
    ),
    inCarryOut(
      'resource-version',
      'the resourceVersion is read after the decision',
      'const resourceVersion = version ?? (await',
      'const resourceVersion = options.shown.get(workload) ?? (await',
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
      'while (live.throughSeq() < (last?.seq ?? 0)) {',
      'while (live.throughSeq() < 0) {',
    ),
    inFile('services/actuator/src/write-versions.ts')(
      'refold',
      'after a conflict a write rests on what is shown, whatever was decided on',
      'conflicts.has(workload) ? taken',
      'taken.has(workload) ? taken',
    ),
    inCarryOut(
      'lease',
      'who is no longer the owner writes replicas',
      'assertOwner(options, live);\n    const answer',
      'const answer',
    ),
    inCarryOut(
      'overtaken',
      'a decision that was overtaken while it waited is written',
      'if (isOvertaken(live, command)) return answered(overtaken);',
      '',
    ),
    inCarryOut(
      'wake',
      'a wake takes pods away',
      'if (tellPodsThere(options, live, command)) return answered(awake);',
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
      'half-done',
      'a routing that may be done by half is taken for not done',
      'if (isUnknown) workload.routingApplied = null;',
      '',
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
    inWakes(
      'wake',
      'a wake is as old as the clock of its activator says',
      'workload.wakeHeardAtMs = state.live ? null :',
      'workload.wakeHeardAtMs =',
    ),
    inWakes(
      'wake',
      'an owner takes a wake of before it that has a stamp of the future for a new one',
      'workload.wakeHeardAtMs = Math.min(wakeHeardAtMs, nowMs);',
      'workload.wakeHeardAtMs = wakeHeardAtMs;',
    ),
    inActuatorFold(
      'wake',
      'a wake at which there are pods waits for a time until those are gone',
      'state.unheard.has(key) || (observed',
      '(observed',
    ),
    inActuatorFold(
      'wake',
      'a decider that spoke while nothing waited is taken for silent',
      'state.decidedHeardAtMs = null;',
      'state.decidedHeardAtMs = state.nowMs;',
    ),
    inReplicas(
      'wake',
      'a wake that was obeyed late stands over a newer decision',
      "if (because === 'woken' && isLate(workload.wake, decisionId)) {",
      "if (because === 'woken' && decisionId === '') {",
    ),
    inWakes(
      'wake',
      'a wake that is under way is forgotten when another comes long after it',
      'workload.wake = { id, atMs, traceparent, before: wake.id };',
      'workload.wake = { id, atMs, traceparent };',
    ),
    inReplicas(
      'derived-ids',
      'what a late wake has changed is put right under a name that was used',
      'workload.target = { ...target, causeId };',
      '',
    ),
    inActuator(
      'successor',
      'the answer to a workload that is gone is told of the one that has its name now',
      'if (known?.uid !== uid) return [];',
      'if (known === undefined) return [];',
    ),
    inActuatorFold(
      'successor',
      'a routing of the workload before is taken for that of its successor',
      'const isStale = routingTarget === null || isSame;',
      'const isStale = isSame;',
    ),
    inCarryOut(
      'successor',
      'what was asked for of a workload that is gone is written to its successor',
      'if (known?.uid !== command.uid) return true;',
      'if (known === undefined) return true;',
    ),
    inReplicas(
      'resource-version',
      'the answer of an older own write takes a drift back',
      'isOlderVersion(event.data.resourceVersion, workload.observedVersion);',
      "event.id === '';",
    ),
    inReplicas(
      'resource-version',
      'a drift that is told late takes a newer own write back',
      'const isOld = isOlderVersion(resourceVersion, workload.observedVersion);',
      'const isOld = false;',
    ),
    inReplicas(
      'unexplained',
      'what the platform showed is forgotten by the answer of an older own write',
      'if (!isNewer || unexplained.replicas',
      'if (isNewer || unexplained.replicas',
    ),
    inReplicas(
      'derived-ids',
      'replicas that were put right for a drift are put right for the wake, under its name',
      'const cause = isOld',
      "const cause = event.id === ''",
    ),
    inFile('services/actuator/src/resource-versions.ts')(
      'resource-version',
      'the answer of an own write takes back what the watch has shown since',
      'if (!isOlderVersion(written.resourceVersion, shown)) seen',
      'seen',
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
    inReplicas(
      'unexplained',
      'replicas that no event explains are believed at once',
      'if (state.decidedThroughAtMs <= afterTickMs) return false;',
      '',
    ),
    inReplicas(
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
