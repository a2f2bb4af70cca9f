/** Whether a Deployment is asked past everything that counts requests. Pure. */
import type { Policy } from '@flyball/contracts';
import { hpaClass } from '@flyball/knative';
import {
  problemOfService,
  type ServiceObject,
  workloadOfService,
} from '@flyball/platform/kubernetes';
import { managedByLabel } from '../knative/serving-names.ts';
import { type CoreService, type Deployment, keyOf } from '../objects/cluster-object.ts';
import type { EventText } from '../objects/event-recorder.ts';

export interface LoadPaths {
  readonly deployment: Deployment;
  /** Of its namespace, or more. */
  readonly services: Iterable<CoreService>;
  readonly policy: Pick<Policy, 'class' | 'minScale' | 'source'>;
  /** In its pods, or about to be. */
  readonly hasQueueProxy: boolean;
}

/** More of them are counted, not named. */
const namedMax = 3;

const isOwn = ({ metadata }: CoreService): boolean =>
  Object.entries(managedByLabel).every(([key, value]) => metadata.labels?.[key] === value);

const selects = ({ spec }: CoreService, labels: Readonly<Record<string, string>>): boolean => {
  const selector = Object.entries(spec.selector ?? {});
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
};

const namesOf = (services: readonly CoreService[]): string => {
  const names = services.slice(0, namedMax).map(({ metadata }) => metadata.name);
  const more = services.length - names.length;
  return more === 0 ? names.join(', ') : `${names.join(', ')} and ${more} more`;
};

interface Uncounted {
  readonly services: readonly CoreService[];
  /** One that names the Deployment cannot be led to the activators, without which is no zero. */
  readonly isKeptFromZero: boolean;
}

const sentence = (
  { deployment, policy }: LoadPaths,
  { services, isKeptFromZero }: Uncounted,
): EventText => {
  const { name } = deployment.metadata;
  const [end, named] =
    services.length === 1
      ? ['leads', `Service ${namesOf(services)}`]
      : ['lead', `Services ${namesOf(services)}`];
  const floor = isKeptFromZero ? 'one replica' : 'zero';
  const goesTo = policy.minScale === 0 ? floor : `its min scale of ${policy.minScale}`;
  const message =
    `${named} ${end} requests straight to the pods, where nobody counts them: under that load ` +
    `this Deployment goes to ${goesTo}. Make the Service public (annotate it with ` +
    `flyball.dev/deployment: ${name} and remove spec.selector), or have a queue-proxy beside the ` +
    'pods (flyball.dev/inject: "true" on the pod template), or name metrics that count requests ' +
    '(flyball.dev/metrics-concurrency). Until then flyball.dev/enabled: "false" lets go of it.';
  return { type: 'Warning', reason: 'RequestsNotCounted', message };
};

/**
 * A warning where a Service leads to its pods by a selector, and neither a public Service nor a
 * queue-proxy nor a page of metrics tells of its load. Undefined where its load is known.
 */
export const uncountedLoad = (paths: LoadPaths): EventText | undefined => {
  const { deployment, policy, hasQueueProxy } = paths;
  // Kubernetes scales class hpa, by what no Service decides.
  if (hasQueueProxy || policy.source !== undefined || policy.class === hpaClass) return undefined;
  const labels = deployment.spec.template.metadata?.labels ?? {};
  const services: CoreService[] = [];
  let isKeptFromZero = false;
  for (const service of paths.services) {
    if (service.metadata.namespace !== deployment.metadata.namespace) continue;
    if (workloadOfService(service as unknown as ServiceObject) === keyOf(deployment)) {
      // Whoever has a public one chose what goes past it.
      if (problemOfService(service as unknown as ServiceObject) === undefined) return undefined;
      isKeptFromZero = true;
    }
    if (!isOwn(service) && selects(service, labels)) services.push(service);
  }
  return services.length === 0 ? undefined : sentence(paths, { services, isKeptFromZero });
};
