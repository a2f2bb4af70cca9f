/** The pods of a revision: how the kubelet asks whether one is ready. */
import { expect, it } from 'vitest';
import type { Json } from '../objects/cluster-object.ts';
import { ServiceWorld, sampleService } from './testing/service-world.ts';

const probeOf = (readinessProbe: Json) => {
  const service = sampleService('scene-1.template.yaml');
  const template = { spec: { containers: [{ image: 'app:1', readinessProbe }] } };
  const world = new ServiceWorld({ ...service, spec: { template } });
  world.settle();
  const { spec } = world.the('Deployment', 'autoscale-go-00001-deployment').spec.template;
  return (spec.containers as { readinessProbe: Json }[])[0]?.readinessProbe;
};

const tcpSocket = { port: 8080 };
const exec = { command: ['up'] };

it.each([
  [null, { periodSeconds: 1, tcpSocket }],
  [{ periodSeconds: 5 }, { periodSeconds: 5, tcpSocket }],
  [
    { httpGet: null, timeoutSeconds: 2 },
    { httpGet: null, timeoutSeconds: 2, tcpSocket },
  ],
  [{ exec }, { exec }],
  [{ grpc: {} }, { grpc: { port: 8080 } }],
  [{ httpGet: { path: '/up' } }, { httpGet: { path: '/up', port: 8080 } }],
])('a readiness probe %j asks as Knative’s would', (given, expected) => {
  expect(probeOf(given)).toEqual(expected);
});
