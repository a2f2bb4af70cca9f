/** What protects the clients of public Services: their endpoints, each broken once. */
import { inFile, type MutationGroup } from '../mutation.ts';

const endpoints = 'services/controller/src/endpoints';
const inLoop = inFile(`${endpoints}/endpoints-loop.ts`);
const inManaged = inFile(`${endpoints}/managed-workloads.ts`);
const inRouting = (file: string) => inFile(`libs/platform/src/kubernetes/routing/${file}`);
const inRouter = inRouting('router.ts');

export const publicServices: MutationGroup = {
  name: 'public-services',
  about: 'a public Service has endpoints that serve, or its owner is told why not',
  runs: [{ project: 'story', files: [endpoints, 'libs/platform/src/kubernetes/routing'] }],
  mutations: [
    inLoop(
      'kept-endpoints',
      'a Service that names no Deployment loses the endpoints that serve',
      'if (hasOthersOnly(parts, service) && isMissing(parts, service)) return;',
      '',
    ),
    inLoop(
      'kept-endpoints',
      'a Deployment that is not listed yet is taken for one that is there',
      "managed.presence(workload) !== 'there'",
      "managed.presence(workload) === 'missing'",
    ),
    inManaged(
      'kept-endpoints',
      'whoever asked before the Deployments were listed is not told of them',
      'for (const workload of early) tell(workload);',
      '',
    ),
    inRouter(
      'countable',
      'a Service whose requests nobody counts is taken for one that is led to the activators',
      "throw new OutsideError('PLATFORM_REFUSED', problem, { retriable: false });",
      'return;',
    ),
    inRouter(
      'two-routers',
      'a decision that finds the slices as they are to be lets an older one write them',
      'isDecidedAnew: serviceAnnotation.routing in known',
      'isDecidedAnew: false',
    ),
    inRouting('settle-service.ts')(
      'two-routers',
      'what was decided meanwhile is not asked for after a refused write',
      ' || (attempt > 1 && plan?.writes.length !== 0);',
      ';',
    ),
    inRouting('settle-service.ts')(
      'kept-endpoints',
      'slices that others left stay beside ours where no port carries requests',
      ': slices.length > 0;',
      ': false;',
    ),
  ],
};
