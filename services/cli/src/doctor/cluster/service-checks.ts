/** Services that lead past the activator, or that nobody can lead at all. Pure. */
import {
  problemOfService,
  sliceLabel,
  sliceManager,
  workloadOfService,
} from '@flyball/platform/kubernetes';
import { advised, type Check, failed } from '../check.ts';
import {
  type ClusterObject,
  type ClusterSight,
  keyOf,
  type ServiceSpec,
} from './cluster-object.ts';
import { orPassed } from './findings.ts';
import type { Managed } from './managed-deployments.ts';

const part = 'Services';
const managedByLabel = 'app.kubernetes.io/managed-by';
const knativeType = 'networking.internal.knative.dev/serviceType';

type ServiceObject = ClusterObject<ServiceSpec>;
type Given = Parameters<typeof workloadOfService>[0];

const publicOf = (service: ServiceObject): string | undefined =>
  workloadOfService(service as Given);

/** Services that our controller, or Knative's, keeps for its own use. */
const isPrivate = ({ metadata }: ServiceObject): boolean =>
  metadata.labels?.[managedByLabel] === 'flyball.dev' ||
  metadata.labels?.[knativeType] === 'Private';

const selects = ({ metadata, spec }: ServiceObject, { deployment }: Managed): boolean => {
  const selector = Object.entries(spec?.selector ?? {});
  const labels = deployment.spec?.template?.metadata?.labels ?? {};
  const isHere = metadata.namespace === deployment.metadata.namespace;
  return isHere && selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
};

const makePublic = ({ metadata }: ServiceObject, { deployment }: Managed): string =>
  `Where clients use it, annotate it with flyball.dev/deployment: ${deployment.metadata.name} ` +
  `and remove spec.selector: kubectl patch service ${metadata.name} --namespace ` +
  `${metadata.namespace} --type merge --patch '{"metadata":{"annotations":` +
  `{"flyball.dev/deployment":"${deployment.metadata.name}"}},"spec":{"selector":null}}'.`;

const checkBypasses = ({ services }: ClusterSight, managed: readonly Managed[]): Check[] =>
  // Kubernetes keeps class hpa above zero, and counts no requests.
  managed
    .filter(({ isHpa }) => !isHpa)
    .flatMap((one) =>
      services
        .filter((service) => publicOf(service) === undefined && !isPrivate(service))
        .filter((service) => selects(service, one))
        .map((service) => {
          const found =
            `Service ${keyOf(service)} leads to the pods of Deployment ${one.key} past the ` +
            'activator: its requests are not counted, and not held at zero';
          return advised(part, found, makePublic(service, one));
        }),
    );

const checkPublic = (
  { services, deployments, endpointSlices }: ClusterSight,
  managed: readonly Managed[],
): Check[] => {
  const known = new Set(deployments.map(keyOf));
  const ours = new Set(managed.map(({ key }) => key));
  return services.flatMap((service) => {
    const target = publicOf(service);
    if (target === undefined) return [];
    const problem = problemOfService(service as Given);
    if (problem !== undefined)
      return [failed(part, problem, 'Change the Service, or its annotation.')];
    if (!known.has(target)) {
      const found = `Service ${keyOf(service)} names Deployment ${target}, which is not there`;
      return [advised(part, found, 'Name one of its namespace by flyball.dev/deployment.')];
    }
    if (!ours.has(target)) {
      const found = `Service ${keyOf(service)} names Deployment ${target}, which is not Flyball's`;
      return [advised(part, found, 'Annotate the Deployment with flyball.dev/enabled: "true".')];
    }
    return checkLeftovers(service, endpointSlices);
  });
};

/** With the selector gone, what was kept for it stays, and leads to pods for ever. */
const checkLeftovers = (service: ServiceObject, slices: readonly ClusterObject[]): Check[] => {
  const { namespace, name } = service.metadata;
  const foreign = slices.filter(
    ({ metadata }) =>
      metadata.namespace === namespace &&
      metadata.labels?.[sliceLabel.service] === name &&
      metadata.labels[sliceLabel.managedBy] !== sliceManager,
  );
  if (foreign.length === 0) return [];
  const names = foreign.map(({ metadata }) => metadata.name).join(', ');
  const found = `EndpointSlices of Service ${keyOf(service)} lead past the activator: ${names}`;
  const mend =
    `kubectl delete endpoints ${name} --namespace ${namespace} --ignore-not-found; ` +
    `kubectl delete endpointslices --namespace ${namespace} --selector ${sliceLabel.service}=` +
    `${name},${sliceLabel.managedBy}!=${sliceManager}`;
  return [failed(part, found, mend)];
};

/** Who asks by them is held, counted and led by Flyball, or is not. */
export const checkServices = (sight: ClusterSight, managed: readonly Managed[]): Check[] =>
  orPassed(
    [...checkPublic(sight, managed), ...checkBypasses(sight, managed)],
    part,
    'none leads past the activator',
  );
