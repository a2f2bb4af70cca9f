/** Stories of where a Knative Service's requests go, and of one that cannot be served. */
import { describe, expect, it } from 'vitest';
import { mark } from './serving-names.ts';
import { ServiceWorld, sampleService } from './testing/service-world.ts';

const first = 'autoscale-go-00001-deployment';
const second = 'autoscale-go-00002-deployment';
const image = 'gcr.io/knative-samples/autoscale-go:0.2';

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

describe('a Service that is refused', () => {
  it('says why, once, and what runs goes on', () => {
    const world = running();
    world.edit({ template: { spec: { containers: [{}] } } });
    world.settle();
    world.settle();
    expect(readiness(world)).toEqual({
      ConfigurationsReady: 'False ImageMissing',
      RoutesReady: 'True',
      Ready: 'False ImageMissing',
    });
    expect(world.service.status?.observedGeneration).toBe(2);
    expect(reached(world)).toBe(first);
    const warnings = world.notices.filter(({ type }) => type === 'Warning');
    expect(warnings).toEqual([
      { type: 'Warning', reason: 'ImageMissing', message: expect.stringContaining('no image') },
    ]);
  });

  it('makes nothing when it is new', () => {
    const world = new ServiceWorld({ ...sampleService('scene-1.template.yaml'), spec: {} });
    world.settle();
    expect(world.names()).toEqual([]);
    expect(readiness(world).Ready).toBe('False InvalidTemplate');
  });
});

describe("somebody else's Service of the same name", () => {
  it('is left alone, and told of', () => {
    const world = new ServiceWorld(sampleService('scene-1.template.yaml'));
    const metadata = { name: 'autoscale-go', namespace: 'default', uid: 'uid-other' };
    const other = { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 81 }] } };
    world.put(other);
    world.settle();
    expect(world.find('Service', 'autoscale-go')).toBe(other);
    expect(readiness(world).Ready).toBe('False NotOwned');
  });
});

describe('a Service that was deleted and made again', () => {
  it('takes nothing from what is left of the former one, and waits for it to go', () => {
    const before = running('scene-2.template.yaml');
    const again = sampleService('scene-1.template.yaml');
    const world = new ServiceWorld({ ...again, metadata: { ...again.metadata, uid: 'uid-again' } });
    const left = [
      before.the('PodAutoscaler', 'autoscale-go-00001'),
      before.the('Service', 'autoscale-go'),
      before.the('Deployment', first),
    ] as const;
    for (const object of left) world.put(object);
    world.settle();
    expect(world.notices).toEqual([]);
    for (const object of left)
      expect(world.find(object.kind as 'Service', object.metadata.name)).toBe(object);
    for (const object of left) world.take(object);
    world.settle();
    const { annotations } = world.the('Deployment', first).metadata;
    expect(annotations).not.toHaveProperty(['autoscaling.knative.dev/minScale']);
    expect(
      world.the('PodAutoscaler', 'autoscale-go-00001').metadata.annotations,
    ).not.toHaveProperty(['autoscaling.knative.dev/minScale']);
  });
});

describe('traffic', () => {
  const template = { spec: { containers: [{ image }] } };
  const twoRevisions = () => {
    const world = running();
    world.edit({ template });
    world.settle();
    world.run(second, { replicas: 1, ready: 1 });
    world.settle();
    return world;
  };

  it('goes back to an older revision that is named', () => {
    const world = twoRevisions();
    world.edit({ template, traffic: [{ revisionName: 'autoscale-go-00001', percent: 100 }] });
    world.settle();
    expect(reached(world)).toBe(first);
    expect([reachable(world, first), reachable(world, second)]).toEqual([undefined, 'false']);
    expect(world.service.status?.traffic).toMatchObject([{ latestRevision: false }]);
  });

  it('is not shared, and says so', () => {
    const world = twoRevisions();
    const shares = ['autoscale-go-00001', 'autoscale-go-00002'].map((revisionName) => ({
      revisionName,
      percent: 50,
    }));
    world.edit({ template, traffic: shares });
    world.settle();
    expect(reached(world)).toBe(second);
    expect(readiness(world).RoutesReady).toBe('False TrafficSplitUnsupported');
  });
});
