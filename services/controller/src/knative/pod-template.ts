/** The pods of a revision: a Knative template made into what a Deployment takes. */
import type { WorkloadManifest } from '@flyball/knative';
import type { Json, JsonMap, PodTemplate, TextMap } from '../objects/cluster-object.ts';
import type { RevisionTemplate } from './knative-service.ts';
import { isScalingAnnotation, servingLabel } from './serving-names.ts';

/** Where an app listens when nothing is said; it is told by the variable PORT. */
const defaultPort = 8080;

/** Knative's own, which no pod has. */
const knativeFields: ReadonlySet<string> = new Set([
  'containerConcurrency',
  'timeoutSeconds',
  'responseStartTimeoutSeconds',
  'idleTimeoutSeconds',
  'concurrencyModel',
  'servingState',
  'generation',
  'container',
  'containers',
]);

export interface PodsOf {
  readonly service: string;
  readonly revision: string;
  readonly number: number;
  readonly template: RevisionTemplate;
  readonly manifest: WorkloadManifest;
}

/** The labels of a revision's objects and pods. */
export const revisionLabels = ({
  service,
  revision,
  number,
}: Pick<PodsOf, 'service' | 'revision' | 'number'>): Record<string, string> => ({
  app: revision,
  [servingLabel.service]: service,
  [servingLabel.configuration]: service,
  [servingLabel.revision]: revision,
  [servingLabel.generation]: String(number),
});

const containersIn = (spec: JsonMap): readonly JsonMap[] => {
  if (spec.container != null) return [spec.container as JsonMap];
  return Array.isArray(spec.containers) ? (spec.containers as JsonMap[]) : [];
};

const hasPorts = ({ ports }: JsonMap): boolean => Array.isArray(ports) && ports.length > 0;

/** The port that the app serves on, and how it is called: `h2c` is HTTP/2 without TLS. */
const servingPort = (template: RevisionTemplate): { port: number; name: string } => {
  const containers = containersIn(template.spec ?? {});
  const ports = containers.find(hasPorts)?.ports as readonly JsonMap[] | undefined;
  const { containerPort, name } = ports?.[0] ?? {};
  return {
    port: typeof containerPort === 'number' ? containerPort : defaultPort,
    name: typeof name === 'string' && name !== '' ? name : 'user-port',
  };
};

/** A probe of Knative's need not say its port: there is but one. */
const withPort = (probe: JsonMap, port: number): JsonMap => {
  const kinds = ['httpGet', 'tcpSocket', 'grpc'].filter((kind) => probe[kind] != null);
  const filled = kinds.map((kind) => {
    const action = probe[kind] as JsonMap;
    return [kind, action.port == null || action.port === 0 ? { ...action, port } : action];
  });
  return { ...probe, ...Object.fromEntries(filled) };
};

/** How a kubelet can ask. */
const handlers = ['httpGet', 'tcpSocket', 'exec', 'grpc'];

/** One of readiness need not say how it asks either: it connects. */
const withHandler = (probe: JsonMap, port: number): JsonMap =>
  handlers.some((handler) => probe[handler] != null)
    ? withPort(probe, port)
    : { ...probe, tcpSocket: { port } };

const probesOf = (container: JsonMap, port: number): JsonMap => {
  const given = ['livenessProbe', 'startupProbe'].flatMap((kind) =>
    container[kind] == null ? [] : [[kind, withPort(container[kind] as JsonMap, port)]],
  );
  const readiness =
    container.readinessProbe == null
      ? { tcpSocket: { port }, periodSeconds: 1 }
      : withHandler(container.readinessProbe as JsonMap, port);
  return { ...Object.fromEntries(given), readinessProbe: readiness };
};

/** What Knative tells each app, but what the app's own YAML says already. */
const envOf = (container: JsonMap, pods: PodsOf, port: number): readonly Json[] => {
  // What is no variable stays: the API server says what is wrong with it.
  const own = Array.isArray(container.env) ? (container.env as (JsonMap | null)[]) : [];
  const told = {
    PORT: String(port),
    K_SERVICE: pods.service,
    K_CONFIGURATION: pods.service,
    K_REVISION: pods.revision,
  };
  const names = new Set(own.map((variable) => variable?.name));
  const added = Object.entries(told).filter(([name]) => !names.has(name));
  return [...own, ...added.map(([name, value]) => ({ name, value }))];
};

const servingContainer = (container: JsonMap, pods: PodsOf): JsonMap => {
  const { port, name } = servingPort(pods.template);
  const [first, ...others] = hasPorts(container) ? (container.ports as JsonMap[]) : [{}];
  return {
    ...container,
    name: container.name ?? 'user-container',
    ports: [{ ...first, name, containerPort: port }, ...others],
    env: envOf(container, pods, port),
    ...probesOf(container, port),
  };
};

const podAnnotations = (annotations: TextMap | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(annotations ?? {}).filter(([key]) => !isScalingAnnotation(key)),
  );

/**
 * The pod template of a revision's Deployment. Settings of scaling are left out: a change of them
 * must not roll the pods.
 */
export const podTemplateOf = (pods: PodsOf): PodTemplate => {
  const { template, manifest } = pods;
  const spec = template.spec ?? {};
  const containers = containersIn(spec);
  const serving = containers.find(hasPorts) ?? containers[0];
  const sidecars = containers.flatMap((container, index) =>
    container === serving
      ? []
      : [{ ...container, name: container.name ?? `user-sidecar-${index}` }],
  );
  const kept = Object.entries(spec).filter(([key]) => !knativeFields.has(key));
  const annotations = podAnnotations(template.metadata?.annotations);
  return {
    metadata: {
      labels: { ...template.metadata?.labels, ...revisionLabels(pods) },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: {
      enableServiceLinks: false,
      // A pod that goes lets its longest request end.
      terminationGracePeriodSeconds: manifest.timeoutSeconds,
      ...Object.fromEntries(kept),
      containers: [
        ...(serving === undefined ? [] : [servingContainer(serving, pods)]),
        ...sidecars,
      ],
    },
  };
};
