/** Which pods get a queue-proxy, and how their own containers change. */
import { applyPatch, createPatch } from 'rfc6902';
import { describe, expect, it } from 'vitest';
import { injectQueueProxy } from './inject-queue-proxy.ts';
import { deploymentOf, type Pod, podSchema } from './pod.ts';

const settings = {
  image: 'flyball/queue-proxy:test',
  cpu: '25m',
  cpuMax: '',
  memory: '96Mi',
  memoryMax: '512Mi',
  keepAcceptingMs: 10_000,
};

const app = { name: 'app', image: 'app:1', ports: [{ name: 'http', containerPort: 8080 }] };

interface Given {
  readonly annotations?: Record<string, string>;
  readonly deployment?: Record<string, string>;
  readonly namespaceAsks?: boolean;
  readonly containers?: readonly object[];
  readonly spec?: object;
  readonly cpuMax?: string;
}

const podOf = ({ annotations, containers = [app], spec = {} }: Given): Pod =>
  podSchema.parse({ metadata: { annotations }, spec: { containers, ...spec } });

const inject = (given: Given) =>
  injectQueueProxy({
    pod: podOf(given),
    deployment: given.deployment ?? {},
    namespaceAsks: given.namespaceAsks ?? false,
    settings: { ...settings, cpuMax: given.cpuMax ?? settings.cpuMax },
  });

/** The pod with its queue-proxy; throws when it has none. */
const injected = (given: Given) => {
  const annotations = { 'flyball.dev/inject': 'true', ...given.annotations };
  const injection = inject({ ...given, annotations });
  if (injection.kind !== 'injected') throw new Error(JSON.stringify(injection));
  const containers = injection.pod.spec.containers;
  const sidecar = containers.find(({ name }) => name === 'queue-proxy');
  const variables = (sidecar?.env ?? []) as { name: string; value?: string }[];
  const entries = variables.map(({ name, value }) => [name, value]);
  const env = Object.fromEntries(entries) as Record<string, string | undefined>;
  return { containers, sidecar, env, ...injection };
};

it('its queue-proxy has a limit of processor time only where one is set', () => {
  const limitsOf = (given: Given) => injected(given).sidecar?.resources;
  const requests = { cpu: '25m', memory: '96Mi' };
  expect(limitsOf({})).toEqual({ requests, limits: { memory: '512Mi' } });
  expect(limitsOf({ cpuMax: '1' })).toEqual({ requests, limits: { cpu: '1', memory: '512Mi' } });
});

describe('a pod', () => {
  it.each([
    ['says nothing', {}, 'none'],
    ['asks', { annotations: { 'flyball.dev/inject': 'true' } }, 'injected'],
    ['asks as on a laptop', { annotations: { 'flyball.dev/queue-proxy': 'true' } }, 'injected'],
    ['is of a Namespace that asks', { namespaceAsks: true }, 'injected'],
    [
      'declines there',
      { namespaceAsks: true, annotations: { 'flyball.dev/inject': 'false' } },
      'none',
    ],
    [
      'has one written by hand',
      { namespaceAsks: true, containers: [app, { name: 'queue-proxy', image: 'x' }] },
      'none',
    ],
    [
      'has one that stays as an init container',
      { namespaceAsks: true, spec: { initContainers: [{ name: 'queue-proxy' }] } },
      'none',
    ],
    [
      'is on the network of its node',
      { namespaceAsks: true, spec: { hostNetwork: true } },
      'refused',
    ],
    ['is of Windows', { namespaceAsks: true, spec: { os: { name: 'windows' } } }, 'refused'],
    [
      'goes to nodes of Windows',
      { namespaceAsks: true, spec: { nodeSelector: { 'kubernetes.io/os': 'windows' } } },
      'refused',
    ],
    ['is of Linux', { namespaceAsks: true, spec: { os: { name: 'linux' } } }, 'injected'],
    [
      'ends when its work is done',
      { namespaceAsks: true, spec: { restartPolicy: 'Never' } },
      'refused',
    ],
    [
      'may be tried again until it is',
      { namespaceAsks: true, spec: { restartPolicy: 'OnFailure' } },
      'refused',
    ],
    ['runs for ever', { namespaceAsks: true, spec: { restartPolicy: 'Always' } }, 'injected'],
    ['declares no port', { namespaceAsks: true, containers: [{ name: 'app' }] }, 'refused'],
  ])('that %s', (_what, given, kind) => {
    expect(inject(given as Given).kind).toBe(kind);
  });

  it('that has got its queue-proxy gets no second one', () => {
    const { pod } = injected({});
    const annotations = { 'flyball.dev/inject': 'true' };
    const again = { ...pod, metadata: { annotations } };
    expect(injectQueueProxy({ pod: again, deployment: {}, namespaceAsks: true, settings })).toEqual(
      {
        kind: 'none',
      },
    );
  });

  it('is patched to what was made of it', () => {
    const before = podOf({ annotations: { 'flyball.dev/inject': 'true' } });
    const { pod } = injected({});
    const patched = structuredClone(before);
    expect(applyPatch(patched, createPatch(before, pod)).every((one) => one === null)).toBe(true);
    expect(patched).toEqual(pod);
  });
});

describe('the queue-proxy', () => {
  it('listens and asks at the address of the pod, under the names that others look for', () => {
    const { sidecar, env } = injected({});
    expect(sidecar?.ports).toEqual([
      { name: 'queue-port', containerPort: 8012, protocol: 'TCP' },
      { name: 'queue-metrics', containerPort: 9090, protocol: 'TCP' },
    ]);
    expect(env).toMatchObject({
      FLYBALL_QUEUE_LISTEN: '$(POD_IP):8012',
      FLYBALL_QUEUE_TARGET: '$(POD_IP):8080',
      FLYBALL_HEALTH_HOST: '$(POD_IP)',
      FLYBALL_HEALTH_PORT: '9090',
      FLYBALL_CONTAINER_CONCURRENCY: '0',
      FLYBALL_REQUEST_TIMEOUT_MS: '300000',
    });
    expect(sidecar?.image).toBe('flyball/queue-proxy:test');
  });

  it('has the limits of the Deployment; those of the pod win', () => {
    const deployment = {
      'flyball.dev/container-concurrency': '5',
      'flyball.dev/timeout-seconds': '20',
    };
    const annotations = { 'flyball.dev/container-concurrency': '2' };
    expect(injected({ deployment, annotations }).env).toMatchObject({
      FLYBALL_CONTAINER_CONCURRENCY: '2',
      FLYBALL_REQUEST_TIMEOUT_MS: '20000',
    });
  });

  it('takes other ports where the app has its own', () => {
    const ports = [{ containerPort: 8012 }, { name: 'metrics', containerPort: 9090 }];
    const { sidecar, env } = injected({ containers: [{ ...app, ports }] });
    expect(sidecar?.ports?.map(({ containerPort }) => containerPort)).toEqual([8013, 9091]);
    expect(env.FLYBALL_HEALTH_PORT).toBe('9091');
  });

  it('takes no port of a sidecar that stays as an init container', () => {
    const ports = [{ containerPort: 9090 }];
    const stays = { name: 'mesh', restartPolicy: 'Always', ports };
    const ends = { name: 'migrate', ports: [{ containerPort: 8012 }] };
    const { sidecar } = injected({ spec: { initContainers: [stays, ends] } });
    expect(sidecar?.ports?.map(({ containerPort }) => containerPort)).toEqual([8012, 9091]);
  });

  it('is nobody special in a pod that is root', () => {
    const { sidecar } = injected({ spec: { securityContext: { runAsUser: 0, runAsGroup: 0 } } });
    const own = { runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532 };
    expect(sidecar).toMatchObject({ securityContext: own });
  });

  it('finds the app by its annotated port, and by a port of TCP else', () => {
    const helper = { name: 'dns', ports: [{ containerPort: 53, protocol: 'UDP' }] };
    const two = [helper, app, { name: 'admin', ports: [{ containerPort: 9000 }] }];
    expect(injected({ containers: two }).env.FLYBALL_QUEUE_TARGET).toBe('$(POD_IP):8080');
    const annotations = { 'flyball.dev/port': '9000' };
    const byPort = injected({ containers: two, annotations });
    expect(byPort.env.FLYBALL_QUEUE_TARGET).toBe('$(POD_IP):9000');
    const undeclared = injected({ containers: [{ name: 'app' }], annotations });
    expect(undeclared.env.FLYBALL_QUEUE_TARGET).toBe('$(POD_IP):9000');
  });

  it('speaks HTTP/2 to a port that is named so', () => {
    const ports = [{ name: 'h2c', containerPort: 8080 }];
    const { env } = injected({ containers: [{ ...app, ports }] });
    expect(env.FLYBALL_QUEUE_PROTOCOL).toBe('h2c');
    expect(injected({}).env.FLYBALL_QUEUE_PROTOCOL).toBeUndefined();
    const orders = [{ ...app, ports: [{ name: 'grpc-orders', containerPort: 8080 }] }];
    expect(injected({ containers: orders }).env.FLYBALL_QUEUE_PROTOCOL).toBe('h2c');
    const told = (protocol: string) => ({ annotations: { 'flyball.dev/protocol': protocol } });
    expect(injected(told('h2c')).env.FLYBALL_QUEUE_PROTOCOL).toBe('h2c');
    const without = injected({ containers: orders, ...told('http1') });
    expect(without.env.FLYBALL_QUEUE_PROTOCOL).toBeUndefined();
  });
});

describe('the end of the pod', () => {
  it('is that of the last request: its containers wait for it', () => {
    const { containers } = injected({ containers: [app, { name: 'helper' }] });
    const wait = { httpGet: { path: '/wait-for-drain', port: 9090, scheme: 'HTTP' } };
    expect(containers.slice(0, 2).map(({ lifecycle }) => lifecycle?.preStop)).toEqual([wait, wait]);
    expect(containers[2]?.lifecycle).toBeUndefined();
  });

  it('fits into its grace', () => {
    const times = ({ env }: ReturnType<typeof injected>) =>
      [env.FLYBALL_KEEP_ACCEPTING_MS, env.FLYBALL_DRAIN_MS].map(Number);
    expect(times(injected({}))).toEqual([10_000, 18_000]);
    const grace = (seconds: number) => ({ spec: { terminationGracePeriodSeconds: seconds } });
    expect(times(injected(grace(600)))).toEqual([10_000, 588_000]);
    expect(times(injected(grace(8)))).toEqual([4_000, 2_000]);
    expect(times(injected(grace(0)))).toEqual([0, 1_000]);
  });

  it('leaves a hook of its own, and says so', () => {
    const preStop = { exec: { command: ['sleep', '5'] } };
    const own = injected({ containers: [{ ...app, lifecycle: { preStop } }] });
    expect(own.containers[0]?.lifecycle).toEqual({ preStop });
    expect(own.warnings).toEqual([expect.stringContaining('The container app has a preStop hook')]);
  });
});

describe("the app's readiness probe", () => {
  const probed = (readinessProbe: object) => {
    const { containers, env } = injected({ containers: [{ ...app, readinessProbe }] });
    const moved = env.FLYBALL_READINESS_PROBE;
    return {
      moved: moved === undefined ? undefined : JSON.parse(moved),
      left: containers[0]?.readinessProbe,
    };
  };

  it('is asked by the queue-proxy, which is asked by the kubelet', () => {
    const httpGet = { path: '/ready', port: 'http', scheme: 'HTTP' };
    expect(probed({ httpGet, periodSeconds: 5, failureThreshold: 2 })).toEqual({
      moved: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 5, failureThreshold: 2 },
      left: undefined,
    });
    expect(probed({ tcpSocket: { port: 8080 } })).toEqual({
      moved: { tcpSocket: { port: 8080 } },
      left: undefined,
    });
    expect(injected({}).sidecar?.readinessProbe).toMatchObject({
      httpGet: { path: '/readyz', port: 'queue-metrics' },
      periodSeconds: 1,
    });
  });

  it.each([
    ['a command', { exec: { command: ['true'] } }],
    ['gRPC', { grpc: { port: 8080 } }],
    ['HTTPS', { httpGet: { path: '/', port: 8443, scheme: 'HTTPS' } }],
    ['another host', { httpGet: { path: '/', port: 80, host: 'example.com' } }],
    ['a port that nobody has', { httpGet: { path: '/', port: 'nothing' } }],
  ])('stays where it is when it is by %s', (_what, probe) => {
    expect(probed(probe)).toEqual({ moved: undefined, left: probe });
  });
});

it("a pod's Deployment is known by the name of its ReplicaSet", () => {
  const of = (kind: string, name: string, hash?: string) =>
    deploymentOf(
      podSchema.parse({
        metadata: {
          ownerReferences: [{ kind, name, controller: true }],
          labels: hash === undefined ? {} : { 'pod-template-hash': hash },
        },
        spec: { containers: [] },
      }),
    );
  expect(of('ReplicaSet', 'web-api-5d4f8c7b9', '5d4f8c7b9')).toBe('web-api');
  expect(of('ReplicaSet', 'web', '5d4f8c7b9')).toBeUndefined();
  expect(of('ReplicaSet', 'web-5d4f8c7b9')).toBeUndefined();
  expect(of('StatefulSet', 'db')).toBeUndefined();
});
