/** The pod template of a Knative Service as Kubernetes itself takes it. */
import { z } from 'zod';

const objectSchema = z.record(z.string(), z.unknown());
type Fields = Record<string, unknown>;

export const revisionSchema = z.looseObject({
  metadata: z
    .looseObject({
      annotations: z.record(z.string(), z.string()).nullish(),
      labels: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
  spec: z.looseObject({
    containers: z.array(objectSchema).min(1).optional(),
    /** Of v1alpha1. */
    container: objectSchema.optional(),
    containerConcurrency: z.int().min(0).nullish(),
    timeoutSeconds: z.int().min(0).nullish(),
  }),
});

export type Revision = z.infer<typeof revisionSchema>;

const portSchema = z.array(
  z.looseObject({ containerPort: z.int().optional(), name: z.string().optional() }),
);

/** Knative's own defaults. */
const usualPort = 8080;
const usualTimeoutSeconds = 300;
const usualName = 'user-container';

/** Fields of Knative's own, which a pod does not have. */
const revisionFields = [
  'containerConcurrency',
  'timeoutSeconds',
  'responseStartTimeoutSeconds',
  'idleTimeoutSeconds',
  'concurrencyModel',
  'container',
] as const;

export interface KnativePods {
  readonly spec: Fields;
  readonly port: number;
  /** It speaks HTTP/2 without TLS (h2c), which the Service has to say. */
  readonly isHttp2: boolean;
}

/** In Knative a probe may leave the port out; port 0 is the same. */
const withPort = (probe: unknown, port: number): unknown => {
  const read = objectSchema.safeParse(probe);
  if (!read.success) return probe;
  const fixed: Fields = { ...read.data };
  for (const way of ['httpGet', 'tcpSocket', 'grpc']) {
    const asked = objectSchema.safeParse(fixed[way]);
    if (!asked.success) continue;
    const given = asked.data.port;
    if (given === undefined || given === 0) fixed[way] = { ...asked.data, port };
  }
  return fixed;
};

/** How a kubelet can ask. */
const handlers = ['httpGet', 'tcpSocket', 'exec', 'grpc'];

/** In Knative a probe of readiness may also leave out how it asks: it connects. */
const readinessOf = (probe: unknown, port: number): unknown => {
  const asked = objectSchema.safeParse(probe ?? { periodSeconds: 1 });
  if (!asked.success || handlers.some((handler) => asked.data[handler] != null)) {
    return withPort(probe, port);
  }
  return { ...asked.data, tcpSocket: { port } };
};

const otherProbes = ['livenessProbe', 'startupProbe'] as const;

/** The one that serves is the one that has ports, else the first. */
const servingIndex = (containers: readonly Fields[]): number =>
  Math.max(
    0,
    containers.findIndex(({ ports }) => Array.isArray(ports) && ports.length > 0),
  );

const isNamed = (entry: unknown, name: string): boolean =>
  objectSchema.safeParse(entry).data?.name === name;

/** What Knative tells the container that serves, but what it says itself already. */
const withVariables = (env: unknown, port: number, service: string): unknown[] => {
  const given: unknown[] = Array.isArray(env) ? env : [];
  const told = {
    PORT: String(port),
    K_SERVICE: service,
    K_CONFIGURATION: service,
    // There are no revisions; the name of the Deployment is all that there is.
    K_REVISION: service,
  };
  const added = Object.entries(told).filter(([name]) => !given.some((one) => isNamed(one, name)));
  return [...given, ...added.map(([name, value]) => ({ name, value }))];
};

interface Serving {
  readonly container: Fields;
  readonly port: number;
  readonly isHttp2: boolean;
}

const servingOf = (container: Fields, service: string): Serving => {
  const [given] = portSchema.safeParse(container.ports).data ?? [];
  const port = given?.containerPort ?? usualPort;
  const name = given?.name ?? 'http1';
  const fixed: Fields = {
    name: usualName,
    ...container,
    ports: [{ ...given, name, containerPort: port }],
    env: withVariables(container.env, port, service),
    readinessProbe: readinessOf(container.readinessProbe, port),
  };
  for (const probe of otherProbes) {
    if (fixed[probe] !== undefined) fixed[probe] = withPort(fixed[probe], port);
  }
  return { container: fixed, port, isHttp2: name === 'h2c' };
};

/** The pod spec for the Deployment of a Service; undefined when the revision has no container. */
export const knativePods = ({ spec }: Revision, service: string): KnativePods | undefined => {
  const given = spec.containers ?? (spec.container === undefined ? [] : [spec.container]);
  const index = servingIndex(given);
  const first = given[index];
  if (first === undefined) return undefined;
  const { container, port, isHttp2 } = servingOf(first, service);
  const containers = given.map((one, at) =>
    at === index ? container : { name: `container-${at}`, ...one },
  );
  const rest = Object.entries(spec).filter(
    ([field]) => !(revisionFields as readonly string[]).includes(field),
  );
  // As in Knative: a pod that goes lets its longest request end.
  const terminationGracePeriodSeconds = spec.timeoutSeconds || usualTimeoutSeconds;
  const pod = { terminationGracePeriodSeconds, ...Object.fromEntries(rest), containers };
  return { spec: pod, port, isHttp2 };
};
