/** The public Service of a Knative Service, and the private one of each revision. */
import { queueProxyNames } from '@flyball/platform/kubernetes';
import {
  type CoreService,
  type Deployment,
  ownerReference,
  type ServicePort,
} from '../objects/cluster-object.ts';
import { type KnativeService, knativeServiceVersion } from './knative-service.ts';
import { hostOf, managedByLabel, mark, privateServiceName, servingLabel } from './serving-names.ts';

const httpPort = 80;

export interface ServingPort {
  /** On the pod: of the queue-proxy where there is one, else of the app. */
  readonly port: number;
  /** As the template calls it: `h2c` is HTTP/2 without TLS. */
  readonly name: string;
}

const portsTo = ({ port, name }: ServingPort): readonly ServicePort[] => {
  const isHttp2 = name === 'h2c' || name === 'http2';
  const named = isHttp2
    ? { name: 'http2', appProtocol: 'kubernetes.io/h2c' }
    : { name: 'http', appProtocol: 'http' };
  return [{ ...named, protocol: 'TCP', port: httpPort, targetPort: port }];
};

/** A queue-proxy's or the app's port of a revision, as its Deployment has it. */
const portOf = ({ spec }: Deployment): ServingPort => {
  const containers = Array.isArray(spec.template.spec.containers)
    ? (spec.template.spec.containers as readonly ContainerPorts[])
    : [];
  // Before the API server has looked at it, anything may stand there.
  const all = containers.flatMap(({ ports }) => ports ?? []).filter((port) => port != null);
  const { requestsPort, metricsPort } = queueProxyNames;
  const app = all.find(({ name }) => name !== requestsPort && name !== metricsPort);
  const first = all.find(({ name }) => name === requestsPort) ?? app;
  return { port: first?.containerPort ?? httpPort, name: app?.name ?? '' };
};

interface ContainerPorts {
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

/**
 * The Service that clients use. It has no selector: its endpoints are activators, or the pods of
 * the Deployment that it names.
 */
export const publicService = (
  owner: KnativeService,
  target: Deployment,
  domain: string,
): CoreService => {
  const { name, namespace = '' } = owner.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace,
      labels: { [servingLabel.service]: name, ...managedByLabel },
      annotations: {
        [mark.deployment]: target.metadata.name,
        [mark.hosts]: hostOf({ name, namespace }, domain),
      },
      ownerReferences: [
        ownerReference({ ...owner, apiVersion: knativeServiceVersion, kind: 'Service' }),
      ],
    },
    spec: { type: 'ClusterIP', ports: portsTo(portOf(target)) },
  };
};

/** The Service whose endpoints are all ready pods of one revision; it goes with its Deployment. */
export const privateService = (revision: string, deployment: Deployment): CoreService => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: privateServiceName(revision),
    namespace: deployment.metadata.namespace ?? '',
    labels: { ...servingLabelsOf(deployment), ...managedByLabel },
    ownerReferences: [ownerReference({ ...deployment, apiVersion: 'apps/v1', kind: 'Deployment' })],
  },
  spec: {
    type: 'ClusterIP',
    selector: { [servingLabel.revision]: revision },
    ports: portsTo(portOf(deployment)),
  },
});

/** Of a revision's Deployment: what all its objects are labelled with. */
export const servingLabelsOf = ({ metadata }: Deployment): Record<string, string> => {
  const keys: ReadonlySet<string> = new Set(Object.values(servingLabel));
  const labels = Object.entries(metadata.labels ?? {}).filter(([key]) => keys.has(key));
  return Object.fromEntries(labels);
};
