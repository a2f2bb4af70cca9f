/** Stories of a Knative Service: its revisions, where its requests go, and what is told of it. */
import { describe, expect, it } from 'vitest';
import type { KnativeService } from './knative-service.ts';
import { mark } from './serving-names.ts';
import { ServiceWorld, sampleService } from './testing/service-world.ts';

const first = 'autoscale-go-00001-deployment';
const second = 'autoscale-go-00002-deployment';
const image = 'gcr.io/knative-samples/autoscale-go:0.2';
const nextTemplate: KnativeService['spec'] = { template: { spec: { containers: [{ image }] } } };

const created = (file = 'scene-1.template.yaml', settings = {}) => {
  const world = new ServiceWorld(sampleService(file), settings);
  world.settle();
  return world;
};

/** As above, and its first pod was ready. */
const running = (file?: string, settings = {}) => {
  const world = created(file, settings);
  world.run(first, { replicas: 1, ready: 1 });
  world.settle();
  return world;
};

const readiness = (world: ServiceWorld) =>
  Object.fromEntries(
    (world.service.status?.conditions ?? []).map(({ type, status, reason }) => [
      type,
      reason === undefined ? status : `${status} ${reason}`,
    ]),
  );
const reached = (world: ServiceWorld) =>
  world.the('Service', 'autoscale-go').metadata.annotations?.[mark.deployment];
const reachable = (world: ServiceWorld, name: string) =>
  world.the('Deployment', name).metadata.annotations?.[mark.reachable];

describe.each([
  'scene-1.template.yaml',
  'scene-1.run-latest.yaml',
  'scene-2.template.yaml',
  'scene-2.run-latest.yaml',
])('%s', (file) => {
  it('becomes a revision with all that Knative makes for it', () => {
    const world = created(file);
    expect(world.names().sort()).toEqual([
      `Deployment/${first}`,
      'PodAutoscaler/autoscale-go-00001',
      'Route/autoscale-go',
      'Service/autoscale-go',
      'Service/autoscale-go-00001-private',
    ]);
    const { metadata, spec } = world.the('Deployment', first);
    expect(metadata.annotations).toMatchObject({
      'autoscaling.knative.dev/target': '10',
      'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev',
      'flyball.dev/enabled': 'true',
    });
    expect(metadata.ownerReferences).toMatchObject([{ uid: 'uid-service', controller: true }]);
    expect(spec.replicas).toBe(1);
    expect(spec.template.metadata?.annotations).toBeUndefined();
    expect(spec.template.spec.containers).toMatchObject([
      {
        name: 'user-container',
        image: 'gcr.io/knative-samples/autoscale-go:0.1',
        ports: [{ containerPort: 8080 }],
        readinessProbe: { tcpSocket: { port: 8080 } },
      },
    ]);
  });

  it('is ready with its first ready pod, and stays so at zero', () => {
    const world = running(file);
    const ready = { ConfigurationsReady: 'True', RoutesReady: 'True', Ready: 'True' };
    expect(readiness(world)).toEqual(ready);
    expect(world.service.status).toMatchObject({
      url: 'http://autoscale-go.default.example.com',
      latestCreatedRevisionName: 'autoscale-go-00001',
      latestReadyRevisionName: 'autoscale-go-00001',
      observedGeneration: 1,
      traffic: [{ revisionName: 'autoscale-go-00001', percent: 100, latestRevision: true }],
    });
    world.run(first, { replicas: 0, ready: 0 });
    world.settle();
    expect(readiness(world)).toEqual(ready);
    expect(world.the('PodAutoscaler', 'autoscale-go-00001').status).toMatchObject({
      desiredScale: 0,
      actualScale: 0,
    });
  });
});

describe('before the first pod is ready', () => {
  it('requests wait for it, and the status says so', () => {
    const world = created();
    expect(reached(world)).toBe(first);
    expect(readiness(world)).toEqual({
      ConfigurationsReady: 'Unknown Deploying',
      RoutesReady: 'Unknown RevisionMissing',
      Ready: 'Unknown Deploying',
    });
    expect(world.the('Route', 'autoscale-go').status).toMatchObject({
      url: 'http://autoscale-go.default.example.com',
      domain: 'autoscale-go.default.example.com',
    });
  });

  it('a pod that does not come up is told of, and the revision is kept up', () => {
    const world = created('scene-2.template.yaml');
    const message = 'The container user-container waits: Back-off pulling image.';
    world.troubles.set('autoscale-go-00001', { reason: 'ImagePullBackOff', message });
    world.settle();
    expect(readiness(world).Ready).toBe('False ImagePullBackOff');
    expect(reachable(world, first)).toBeUndefined();
    const warnings = world.notices.filter(({ type }) => type === 'Warning');
    expect(warnings).toMatchObject([{ reason: 'ImagePullBackOff' }]);
    world.troubles.clear();
    world.run(first, { replicas: 1, ready: 1 });
    world.settle();
    expect(readiness(world).Ready).toBe('True');
  });

  it('minScale says how many it takes', () => {
    const world = created('scene-2.template.yaml');
    const autoscaler = world.the('PodAutoscaler', 'autoscale-go-00001');
    const annotations = { ...autoscaler.metadata.annotations };
    annotations['autoscaling.knative.dev/minScale'] = '2';
    world.put({ ...autoscaler, metadata: { ...autoscaler.metadata, annotations } });
    world.run(first, { replicas: 2, ready: 1 });
    world.settle();
    expect(readiness(world).Ready).toBe('Unknown Deploying');
    world.run(first, { replicas: 2, ready: 2 });
    world.settle();
    expect(readiness(world).Ready).toBe('True');
  });
});

describe('planned again', () => {
  it('writes nothing', () => {
    const world = running();
    const { length } = world.writes;
    world.settle();
    expect(world.writes).toHaveLength(length);
  });

  it('leaves replicas, and what others wrote, as they are', () => {
    const world = running();
    const deployment = world.the('Deployment', first);
    const annotations = {
      ...deployment.metadata.annotations,
      'deployment.kubernetes.io/revision': '1',
      'flyball.dev/status-desired': '5',
    };
    world.put({ ...deployment, metadata: { ...deployment.metadata, annotations } });
    world.run(first, { replicas: 5, ready: 5 });
    world.settle();
    expect(world.the('Deployment', first)).toMatchObject({
      spec: { replicas: 5 },
      metadata: { annotations },
    });
  });
});

describe('a template that changes', () => {
  it('makes a new revision, and traffic moves when it is ready', () => {
    const world = running();
    world.edit(nextTemplate);
    world.settle();
    expect(reached(world)).toBe(first);
    expect([reachable(world, first), reachable(world, second)]).toEqual([undefined, undefined]);
    expect(world.service.status).toMatchObject({
      latestCreatedRevisionName: 'autoscale-go-00002',
      latestReadyRevisionName: 'autoscale-go-00001',
    });
    world.run(second, { replicas: 1, ready: 1 });
    world.settle();
    expect(reached(world)).toBe(second);
    expect([reachable(world, first), reachable(world, second)]).toEqual(['false', undefined]);
    expect(world.the('PodAutoscaler', 'autoscale-go-00001').spec?.reachability).toBe('Unreachable');
    expect(readiness(world).Ready).toBe('True');
    expect(world.notices.map(({ reason }) => reason)).toEqual([
      'RevisionCreated',
      'RevisionCreated',
      'TrafficMoved',
    ]);
  });

  it('makes another one when it changes back', () => {
    const world = running();
    const before = world.service.spec;
    world.edit(nextTemplate);
    world.settle();
    world.edit(before);
    world.settle();
    expect(world.service.status?.latestCreatedRevisionName).toBe('autoscale-go-00003');
  });

  it('keeps a bounded number of older revisions', () => {
    const world = running();
    for (const number of [2, 3, 4]) {
      world.edit({ template: { spec: { containers: [{ image: `${image}.${number}` }] } } });
      world.settle();
      world.run(`autoscale-go-0000${number}-deployment`, { replicas: 1, ready: 1 });
      world.settle();
    }
    const left = world.names().filter((name) => name.startsWith('Deployment/'));
    expect(left).toEqual([
      'Deployment/autoscale-go-00003-deployment',
      'Deployment/autoscale-go-00004-deployment',
    ]);
  });

  it('keeps the traffic where it is when the new one fails', () => {
    const world = running();
    world.edit(nextTemplate);
    world.settle();
    const broken = world.the('Deployment', second);
    const message = 'ReplicaSet "x" has timed out progressing.';
    const reason = 'ProgressDeadlineExceeded';
    const conditions = [{ type: 'Progressing', status: 'False' as const, reason, message }];
    world.put({ ...broken, status: { readyReplicas: 0, conditions } } as typeof broken);
    world.settle();
    expect(reached(world)).toBe(first);
    expect(readiness(world)).toMatchObject({
      ConfigurationsReady: 'False ProgressDeadlineExceeded',
      RoutesReady: 'True',
      Ready: 'False ProgressDeadlineExceeded',
    });
    expect(reachable(world, second)).toBe('false');
    expect(world.notices.at(-1)).toMatchObject({ type: 'Warning', reason });
  });

  it('gives no number twice when the newest Deployment was deleted by hand', () => {
    const world = running();
    world.edit(nextTemplate);
    const fresh = new ServiceWorld({
      ...world.service,
      status: { latestCreatedRevisionName: 'autoscale-go-00007' },
    });
    fresh.settle();
    expect(fresh.names()).toContain('Deployment/autoscale-go-00007-deployment');
  });
});
