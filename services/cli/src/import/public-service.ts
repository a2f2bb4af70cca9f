/** The steps by which an ordinary Service becomes one whose addresses Flyball decides. */
import type { ForeignObject, Surroundings } from './foreign-object.ts';
import { flyballKey } from './settled-annotations.ts';
import { type ObjectName, type Step, serviceName } from './translation.ts';

export interface PublicService {
  readonly namespace: string;
  /** The Service by which clients ask. */
  readonly service: string;
  readonly deployment: string;
  /** Further host names by which it is asked for. */
  readonly hosts: readonly string[];
}

/** The annotations of a public Service. */
export const publicAnnotations = ({
  deployment,
  hosts,
}: Pick<PublicService, 'deployment' | 'hosts'>): Record<string, string> => ({
  [flyballKey('deployment')]: deployment,
  ...(hosts.length === 0 ? {} : { [flyballKey('hosts')]: hosts.join(',') }),
});

const endpointsOf = ({ namespace, name }: ObjectName): ObjectName => ({
  ...{ apiVersion: 'v1', kind: 'Endpoints', namespace, name },
});

const isHeadless = (service: ForeignObject | undefined): boolean =>
  (service?.spec as { clusterIP?: unknown } | undefined)?.clusterIP === 'None';

/** What is not ours was kept for the selector. */
const leftoversOf = (service: string): string =>
  `kubernetes.io/service-name=${service},endpointslice.kubernetes.io/managed-by!=flyball.dev`;

const slicesOf = ({ namespace, name }: ObjectName): ObjectName => ({
  ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace, name },
});

/** Steps that take the selector away, so that the activator can be in the path. */
export const publicServiceSteps = (given: PublicService, around: Surroundings): Step[] => {
  const object = serviceName(given.namespace, given.service);
  const known = around.services.get(`${given.namespace}/${given.service}`);
  if (isHeadless(known)) {
    return [
      {
        action: 'by-hand',
        why:
          `Service ${given.service} is headless: its clients choose pods by themselves, and no ` +
          'activator can hold their requests. Give clients a Service with an address of its own.',
      },
    ];
  }
  return [
    {
      action: 'patch',
      object,
      patch: {
        metadata: { annotations: publicAnnotations(given) },
        spec: { selector: null },
      },
      why:
        'From now on Flyball says where the Service leads: to the pods, or to an activator that ' +
        'holds requests while there is none.',
    },
    {
      action: 'delete',
      object: endpointsOf(object),
      why:
        'What Kubernetes kept for the selector leads past the activator. It is not removed with ' +
        'the selector, and is copied into EndpointSlices as long as it is there.',
    },
    {
      action: 'delete',
      object: slicesOf(object),
      selector: leftoversOf(given.service),
      why: 'The same holds for the EndpointSlices that were kept for the selector.',
    },
  ];
};
