/** Knative Services as Deployments with public Services. */
import { hasErrors, readManifests } from '@flyball/knative';
import { expect, it } from 'vitest';
import { foreign, knativeService } from '../testing/foreign-objects.ts';
import { translate } from './translate.ts';
import type { Step, Translation } from './translation.ts';

const of = (...given: Parameters<typeof knativeService>): Translation => {
  const [translation] = translate([knativeService(...given)]);
  if (translation === undefined) throw new Error('nothing was translated');
  return translation;
};

const manifestOf = ({ steps }: Translation, kind: string): Record<string, unknown> => {
  const step = steps.find(
    (one): one is Extract<Step, { action: 'create' }> =>
      one.action === 'create' && one.object.kind === kind,
  );
  return step?.manifest ?? {};
};

const revision = {
  metadata: {
    annotations: {
      'autoscaling.knative.dev/target': '10',
      'autoscaling.knative.dev/maxScale': '5',
      'example.com/team': 'shop',
      'client.knative.dev/user-image': 'x',
    },
    labels: { tier: 'front' },
  },
  spec: {
    containerConcurrency: 20,
    timeoutSeconds: 60,
    serviceAccountName: 'shop',
    containers: [
      {
        image: 'example.com/hello:1',
        env: [{ name: 'COLOUR', value: 'blue' }],
        readinessProbe: { httpGet: { path: '/' }, successThreshold: 1 },
      },
    ],
  },
};

it('keeps the settings, and the limits of the spec become annotations', () => {
  const { annotations, losses, workload } = of(revision);
  expect(workload).toBe('shop/hello');
  expect(losses).toEqual([]);
  expect(annotations).toEqual({
    'flyball.dev/enabled': 'true',
    'autoscaling.knative.dev/target': '10',
    'autoscaling.knative.dev/maxScale': '5',
    'flyball.dev/container-concurrency': '20',
    'flyball.dev/queue-proxy': 'true',
    'flyball.dev/timeout-seconds': '60',
  });
});

it('makes a Deployment whose pods find what Knative gives them', () => {
  expect(manifestOf(of(revision), 'Deployment')).toMatchObject({
    apiVersion: 'apps/v1',
    metadata: { name: 'hello', namespace: 'shop' },
    spec: {
      selector: { matchLabels: { app: 'hello' } },
      template: {
        metadata: {
          labels: { app: 'hello', tier: 'front' },
          annotations: { 'example.com/team': 'shop', 'flyball.dev/queue-proxy': 'true' },
        },
        spec: {
          serviceAccountName: 'shop',
          containers: [
            {
              name: 'user-container',
              ports: [{ containerPort: 8080 }],
              env: [
                { name: 'COLOUR' },
                { name: 'PORT', value: '8080' },
                { name: 'K_SERVICE', value: 'hello' },
                { name: 'K_CONFIGURATION', value: 'hello' },
                { name: 'K_REVISION', value: 'hello' },
              ],
              readinessProbe: { httpGet: { path: '/', port: 8080 } },
            },
          ],
        },
      },
    },
  });
});

const podOf = (template: Record<string, unknown>) =>
  (manifestOf(of(template), 'Deployment') as { spec: { template: { spec: object } } }).spec.template
    .spec;

it.each([
  ['the time of a request', { timeoutSeconds: 60 }, 60],
  ['the usual time, for a template without one,', {}, 300],
  ['what the template asks for', { timeoutSeconds: 60, terminationGracePeriodSeconds: 90 }, 90],
])('a pod that goes has %s to end its requests', (_, fields, seconds) => {
  const pod = podOf({ spec: { containers: [{ image: 'i' }], ...fields } });
  expect(pod).toHaveProperty('terminationGracePeriodSeconds', seconds);
});

it('a pod whose template has no readiness probe is asked at its port', () => {
  const sidecar = { image: 'i' };
  const containers = [sidecar, { image: 'i', ports: [{ containerPort: 9000 }] }];
  const readinessProbe = { tcpSocket: { port: 9000 }, periodSeconds: 1 };
  expect(podOf({ spec: { containers } })).toMatchObject({
    containers: [sidecar, { readinessProbe }],
  });
  expect(podOf({ spec: { containers } })).not.toHaveProperty('containers.0.readinessProbe');
});

it.each([
  [{ periodSeconds: 5 }, { periodSeconds: 5, tcpSocket: { port: 8080 } }],
  [
    { httpGet: null, timeoutSeconds: 2 },
    { timeoutSeconds: 2, tcpSocket: { port: 8080 } },
  ],
  [{ exec: { command: ['up'] } }, { exec: { command: ['up'] } }],
  [{ grpc: {} }, { grpc: { port: 8080 } }],
])('a readiness probe %j asks as Knative’s would', (readinessProbe, expected) => {
  const pod = podOf({ spec: { containers: [{ image: 'i', readinessProbe }] } });
  expect(pod).toMatchObject({ containers: [{ readinessProbe: expected }] });
  if (!('tcpSocket' in expected)) {
    expect(pod).not.toHaveProperty('containers.0.readinessProbe.tcpSocket');
  }
});

it('and that Deployment is one that Flyball takes without an error', () => {
  const { template } = (manifestOf(of(revision), 'Deployment') as { spec: { template: unknown } })
    .spec;
  expect(JSON.stringify(template)).not.toContain('containerConcurrency');
  const text = JSON.stringify(manifestOf(of(revision), 'Deployment'));
  const { objects, complaints } = readManifests({ file: 'made', text, needsCommand: false });
  expect(hasErrors(complaints)).toBe(false);
  expect(objects).toMatchObject([
    { kind: 'Deployment', containerConcurrency: 20, timeoutSeconds: 60 },
  ]);
});

it('gives clients the name that they know, once Knative has left it', () => {
  const [translation] = translate([
    { ...knativeService(revision), status: { url: 'http://hello.shop.example.com' } },
  ]);
  expect(translation?.steps.map(({ action }) => action)).toEqual([
    ...['create', 'by-hand', 'delete', 'create'],
  ]);
  expect(translation && manifestOf(translation, 'Service')).toMatchObject({
    metadata: {
      name: 'hello',
      annotations: {
        'flyball.dev/deployment': 'hello',
        'flyball.dev/hosts': 'hello.shop.example.com',
      },
    },
    spec: { ports: [{ port: 80, targetPort: 8080 }] },
  });
});

it('says that the pods speak HTTP/2', () => {
  const containers = [{ image: 'i', ports: [{ name: 'h2c', containerPort: 9000 }] }];
  expect(manifestOf(of({ spec: { containers } }), 'Service')).toMatchObject({
    spec: { ports: [{ appProtocol: 'kubernetes.io/h2c', targetPort: 9000 }] },
  });
});

it('reads the older shape', () => {
  const container = { image: 'example.com/old:1' };
  const old = foreign('serving.knative.dev/v1alpha1', 'Service', 'hello', {
    spec: { runLatest: { configuration: { revisionTemplate: { spec: { container } } } } },
  });
  const [translation] = translate([old]);
  expect(translation && manifestOf(translation, 'Deployment')).toMatchObject({
    spec: { template: { spec: { containers: [container] } } },
  });
});

it.each([
  ['spec.traffic', {}, { traffic: [{ percent: 50, revisionName: 'a' }, { percent: 50 }] }],
  [
    'spec.template.spec.idleTimeoutSeconds',
    { spec: { containers: [{ image: 'i' }], idleTimeoutSeconds: 5 } },
    {},
  ],
  [
    'spec.template.metadata.annotations.serving.knative.dev/rollout-duration',
    { metadata: { annotations: { 'serving.knative.dev/rollout-duration': '60s' } } },
    {},
  ],
  [
    'autoscaling.knative.dev/window',
    { metadata: { annotations: { 'autoscaling.knative.dev/window': '1s' } } },
    {},
  ],
])('tells that %s has no counterpart', (path, template, spec) => {
  expect(of(template, spec).losses).toMatchObject([{ path }]);
});

it('all traffic to the latest revision is what Flyball does', () => {
  expect(of({}, { traffic: [{ latestRevision: true, percent: 100 }] }).losses).toEqual([]);
});

it.each([
  ['no template', undefined],
  ['no container', { spec: {} }],
  ['spec.spec.containers', { spec: { containers: 'none' } }],
])('is not taken over: %s', (why, template) => {
  const [translation] = translate([
    foreign('serving.knative.dev/v1', 'Service', 'hello', { spec: { template } }),
  ]);
  expect(translation?.refused).toContain(why);
});

it('that Flyball serves already is left as it is', () => {
  const annotations = { 'flyball.dev/deployment': 'hello-00001-deployment' };
  const ours = foreign('v1', 'Service', 'hello', { metadata: { annotations } });
  expect(translate([ours, knativeService()])).toEqual([]);
  expect(translate([foreign('v1', 'Service', 'hello'), knativeService()])).toHaveLength(1);
});
