/** The steps by which an ordinary Service becomes one whose addresses Flyball decides. */
import type { ForeignObject, Surroundings } from './foreign-object.ts';
import { flyballKey } from './settled-annotations.ts';
import { type Step, serviceName } from './translation.ts';

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

const isHeadless = (service: ForeignObject | undefined): boolean =>
  (service?.spec as { clusterIP?: unknown } | undefined)?.clusterIP === 'None';

/**
 * Steps that take the selector away, so that the activator can be in the path. What Kubernetes kept
 * for it is the controller's to remove, once there is something in its place.
 */
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
        'holds requests while there is none. Until then it leads where it led: Flyball removes ' +
        'what Kubernetes kept for the selector once its own is there.',
    },
  ];
};
