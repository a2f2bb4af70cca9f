import type { V1ServicePort } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { workloadOfPod } from './endpoint-pod.ts';
import {
  hazardOfService,
  hostsOfService,
  obstacleOfService,
  problemOfService,
  routingAnnotations,
  routingOfService,
  workloadOfService,
} from './public-service.ts';
import { podWith, serviceWith } from './testing/routed-objects.ts';

describe('a public Service', () => {
  it('names a Deployment of its namespace', () => {
    expect(workloadOfService(serviceWith())).toBe('default/web');
    const annotations = { 'flyball.dev/deployment': '' };
    expect(workloadOfService(serviceWith({ annotations }))).toBeUndefined();
    expect(workloadOfService({ metadata: { name: 'web', namespace: 'x' } })).toBeUndefined();
  });

  it('goes by what was decided for that very Deployment', () => {
    const routed = (deployment: string) =>
      routingOfService(serviceWith({ annotations: routingAnnotations(deployment, 'activator') }));
    expect([routed('web'), routed('web-00001')]).toEqual(['activator', 'pods']);
    expect(routingOfService(serviceWith())).toBe('pods');
  });

  it('is asked for by its names and by those it lists', () => {
    const annotations = { 'flyball.dev/hosts': 'Shop.test, api.test:80,,' };
    expect(hostsOfService(serviceWith({ annotations }), 'example.com')).toEqual([
      'api.test',
      'shop.test',
      'web.default',
      'web.default.example.com',
      'web.default.svc',
      'web.default.svc.cluster.local',
    ]);
  });

  it('cannot be asked for by the names of another namespace', () => {
    const listed = (host: string) => {
      const annotations = { 'flyball.dev/hosts': host };
      return hostsOfService(serviceWith({ annotations }), 'example.com').includes(host);
    };
    const foreign = ['web.other.svc', 'web.other.svc.cluster.local', 'web.other.example.com'];
    expect(foreign.map(listed)).toEqual([false, false, false]);
    const own = ['api.default.svc', 'api.default.example.com', 'shop.example.com', 'web'];
    expect(own.map(listed)).toEqual([true, true, true, true]);
  });

  it.each([
    ['a selector', { selector: { app: 'web' } }],
    ['ExternalName', { type: 'ExternalName' }],
    ['headless', { clusterIP: 'None' }],
    ['no ports', { ports: [] }],
  ])('says why it cannot be routed: %s', (word, spec) => {
    const service = serviceWith({ spec });
    expect(problemOfService(service)).toContain(word);
    expect(obstacleOfService(service)).toBe(problemOfService(service));
    expect(problemOfService(serviceWith())).toBeUndefined();
  });

  it.each([
    ['externalTrafficPolicy', 'the load balancer sends'],
    ['internalTrafficPolicy', 'clients send'],
  ])('is warned of %s: Local, by which what %s is dropped', (policy, who) => {
    const local = serviceWith({ spec: { type: 'LoadBalancer', [policy]: 'Local' } });
    expect(hazardOfService(local)).toContain(`${policy} Local: what ${who}`);
    expect(problemOfService(local)).toBeUndefined();
    const whole = serviceWith({ spec: { type: 'LoadBalancer', [policy]: 'Cluster' } });
    expect([hazardOfService(whole), hazardOfService(serviceWith())]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it.each<[string, V1ServicePort]>([
    ['TLS by its name', { name: 'https', port: 443, targetPort: 8443 }],
    ['TLS by its protocol', { port: 443, appProtocol: 'https' }],
    ['UDP', { name: 'dns', port: 53, protocol: 'UDP' }],
  ])('says when none of its ports carries requests, which lead to the pods: %s', (_, port) => {
    const service = serviceWith({ ports: [port] });
    expect(problemOfService(service)).toContain('has no TCP port without TLS');
    expect(obstacleOfService(service)).toBeUndefined();
  });
});

it('a pod is of the Deployment that its ReplicaSet is of', () => {
  expect(workloadOfPod(podWith(1, { deployment: 'web-5f6d' }))).toBe('default/web-5f6d');
  const { metadata, ...rest } = podWith(1);
  const { ownerReferences, ...free } = metadata ?? {};
  expect(workloadOfPod({ ...rest, metadata: free })).toBeUndefined();
  const job = ownerReferences?.map((owner) => ({ ...owner, kind: 'Job' })) ?? [];
  expect(workloadOfPod({ ...rest, metadata: { ...free, ownerReferences: job } })).toBeUndefined();
});
