/** Each event that the decider hears, not heard or heard wrongly. */
import { inFile, type MutationGroup } from '../mutation.ts';
import { deciderRuns } from './decider-runs.ts';

const inFold = inFile('libs/domain/src/decider/fold-workload.ts');
const inDecider = inFile('libs/domain/src/decider/decider.ts');

export const folds: MutationGroup = {
  name: 'folds',
  about: 'each event that the decider hears',
  runs: deciderRuns,
  mutations: [
    inFold(
      'WorkloadAppeared',
      'a workload that appeared is not known',
      '      appear(workload, event);\n',
      '\n',
    ),
    inFold(
      'WorkloadAppeared',
      'another workload of the same name keeps its past',
      'if (workload.uid !== null) {',
      'if (false) {',
    ),
    inFold(
      'WorkloadAppeared',
      'told again it begins anew',
      '  if (workload.uid === uid) return;\n',
      '',
    ),
    inFold(
      'WorkloadAppeared',
      'what it came with was not asked for',
      'workload.asked = replicas;',
      'workload.asked = 0;',
    ),
    inFold(
      'PolicySet',
      'the first policy stays',
      'workload.policy = event.data.policy;',
      'workload.policy ??= event.data.policy;',
    ),
    inFold(
      'PolicySet',
      'a decision names the first policy',
      'workload.policyId = event.id;',
      'workload.policyId ??= event.id;',
    ),
    inFold(
      'PolicySet',
      'it waits for the next row',
      "      begin(workload);\n      return true;\n    case 'WorkloadReachable'",
      "      begin(workload);\n      return false;\n    case 'WorkloadReachable'",
    ),
    inFold(
      'WorkloadReachable',
      'what became reachable stays unreachable',
      "workload.reachable = event.type === 'WorkloadReachable';",
      'workload.reachable = false;',
    ),
    inFold(
      'WorkloadUnreachable',
      'what became unreachable stays reachable',
      "workload.reachable = event.type === 'WorkloadReachable';",
      'workload.reachable = true;',
    ),
    inFold(
      'PlatformUnseen',
      'the platform is always seen',
      "workload.platformSeen = event.type === 'PlatformSeen';",
      'workload.platformSeen = true;',
    ),
    inFold(
      'PlatformSeen',
      'once unseen it is never seen again',
      "workload.platformSeen = event.type === 'PlatformSeen';",
      'workload.platformSeen = false;',
    ),
    inFold(
      'PodAppeared',
      'a pod that appeared is ready',
      "setPod(workload, data.pod, 'starting');",
      "setPod(workload, data.pod, 'ready');",
    ),
    inFold(
      'PodAppeared',
      'told again it is starting again',
      'if (workload.pods[data.pod] === undefined) setPod',
      'setPod',
    ),
    inFold(
      'PodReady',
      'a pod that is ready does not count',
      "setPod(workload, data.pod, 'ready');",
      "setPod(workload, data.pod, 'unready');",
    ),
    inFold(
      'PodReady',
      'a pod counts once more each time it is told',
      '  count(workload, workload.pods[pod], -1);\n',
      '',
    ),
    inFold(
      'PodUnready',
      'a pod that is not ready counts',
      "setPod(workload, data.pod, 'unready');",
      "setPod(workload, data.pod, 'ready');",
    ),
    inFold(
      'PodGone',
      'a pod that is gone still counts',
      '      count(workload, workload.pods[data.pod], -1);\n      delete',
      '      delete',
    ),
    inFold(
      'RoutingApplied',
      'nobody hears that it was applied',
      '      routeThrough(workload, event);\n',
      '\n',
    ),
    inFold(
      'RoutingApplied',
      'told again its time begins anew',
      '  if (workload.routing?.applied === routing) return;\n',
      '',
    ),
    inFold(
      'ScaleApplied',
      'a wake without a decider was not asked for',
      'workload.asked = to;',
      'workload.asked = 0;',
    ),
    inFold(
      'ScaleApplied',
      'a wake is let go before its request has been seen',
      'workload.memory = { ...workload.memory, activity };',
      'void activity;',
    ),
    inFold(
      'ScaleApplied',
      'every scale is taken for a wake',
      "if (event.data.because !== 'woken') return false;",
      '',
    ),
    inFold(
      'introduces',
      'a policy alone does not introduce a workload',
      "  'PolicySet',\n  'PodAppeared',",
      "  'PodAppeared',",
    ),
    inDecider(
      'WorkloadGone',
      'a workload that is gone is still decided about',
      '    delete state.workloads[workload];\n    return;',
      '    return;',
    ),
    inDecider('Decided', 'a decision is not asked of the platform', 'known.asked = to;', ''),
    inDecider(
      'Decided',
      'it is counted twice when it is told again',
      '|| known.last?.id === event.id) return;',
      ') return;',
    ),
    inDecider(
      'DecidedThrough',
      'a tick counts none of its decisions',
      'state.tick.decisions + decisions,',
      'state.tick.decisions,',
    ),
    inDecider(
      'DecidedThrough',
      'each part of a tick has one',
      "kind === 'tick' && part === parts",
      "kind === 'tick'",
    ),
    inDecider(
      'DecidedThrough',
      'a poke has one',
      "kind === 'tick' && part === parts",
      'part === parts',
    ),
  ],
};
