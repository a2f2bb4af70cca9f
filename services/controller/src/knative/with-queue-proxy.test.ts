/** The pods of a revision with a queue-proxy: its limits and ports, and who asks for readiness. */
import { readConfig } from '@flyball/service';
import { describe, expect, it } from 'vitest';
import { controllerConfig } from '../config.ts';
import type { JsonMap } from '../objects/cluster-object.ts';
import { ServiceWorld, sampleService } from './testing/service-world.ts';
import { withQueueProxy } from './with-queue-proxy.ts';

const configWith = (image: string) => {
  const read = readConfig(controllerConfig, { FLYBALL_QUEUE_PROXY_IMAGE: image });
  if (!read.ok) throw new Error('bad config');
  return read.config;
};

const first = 'autoscale-go-00001-deployment';
const revisionOf = (image: string, annotations: Record<string, string> = {}) => {
  const service = sampleService('scene-1.template.yaml');
  const containers = [{ image: 'app:1', readinessProbe: { httpGet: { path: '/up' } } }];
  const spec = { containers, containerConcurrency: 3, timeoutSeconds: 20 };
  const world = new ServiceWorld(
    { ...service, spec: { template: { metadata: { annotations }, spec } } },
    { withQueueProxy: withQueueProxy(configWith(image)) },
  );
  world.settle();
  return world;
};
const containersOf = (world: ServiceWorld) =>
  world.the('Deployment', first).spec.template.spec.containers as JsonMap[];

describe('with an image', () => {
  const world = revisionOf('flyball/queue-proxy:1');

  it('a queue-proxy stands before the app, with the limits of the template', () => {
    const [app, sidecar] = containersOf(world);
    expect(app).toMatchObject({ name: 'user-container', ports: [{ containerPort: 8080 }] });
    expect(sidecar).toMatchObject({
      name: 'queue-proxy',
      image: 'flyball/queue-proxy:1',
      ports: [{ name: 'queue-port' }, { name: 'queue-metrics' }],
      env: expect.arrayContaining([
        { name: 'FLYBALL_CONTAINER_CONCURRENCY', value: '3' },
        { name: 'FLYBALL_REQUEST_TIMEOUT_MS', value: '20000' },
      ]),
    });
  });

  it('asks for readiness instead of the kubelet', () => {
    const [app, sidecar] = containersOf(world);
    expect(app).not.toHaveProperty('readinessProbe');
    const probe = { httpGet: { path: '/up', port: 8080 } };
    expect(sidecar?.env).toContainEqual({
      name: 'FLYBALL_READINESS_PROBE',
      value: JSON.stringify(probe),
    });
  });

  it('takes what the Services are sent', () => {
    for (const name of ['autoscale-go', 'autoscale-go-00001-private']) {
      expect(world.the('Service', name).spec.ports).toMatchObject([{ port: 80, targetPort: 8012 }]);
    }
    const { annotations } = world.the('Deployment', first).metadata;
    expect(annotations).toMatchObject({
      'flyball.dev/queue-proxy': 'true',
      'flyball.dev/container-concurrency': '3',
    });
  });

  it('declined by the template there is none', () => {
    const declined = revisionOf('flyball/queue-proxy:1', { 'flyball.dev/inject': 'false' });
    expect(containersOf(declined)).toHaveLength(1);
  });
});

describe('without an image', () => {
  it('requests go straight to the app', () => {
    const world = revisionOf('');
    expect(containersOf(world)).toHaveLength(1);
    expect(world.the('Service', 'autoscale-go').spec.ports).toMatchObject([{ targetPort: 8080 }]);
    const { annotations } = world.the('Deployment', first).metadata;
    expect(annotations).not.toHaveProperty(['flyball.dev/queue-proxy']);
  });

  it('that comes later, the pods are written anew, and not their number', () => {
    const world = revisionOf('');
    world.run(first, { replicas: 4, ready: 4 });
    world.settings = { ...world.settings, withQueueProxy: withQueueProxy(configWith('q:2')) };
    world.settle();
    expect(containersOf(world)).toHaveLength(2);
    const { metadata, spec } = world.the('Deployment', first);
    expect(spec.replicas).toBe(4);
    expect(metadata.annotations).toMatchObject({ 'flyball.dev/queue-proxy': 'true' });
  });
});
