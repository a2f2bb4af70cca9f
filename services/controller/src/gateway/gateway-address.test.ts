/** Which address is told for the gateway, and when nothing has to be written. */
import { describe, expect, it } from 'vitest';
import { type GatewayService, gatewayClass, gatewayStatus, isGateway } from './gateway-address.ts';

const serviceOf = (spec: object, ingress?: object[]): GatewayService => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'activator', namespace: 'flyball-system' },
  spec,
  ...(ingress === undefined ? {} : { status: { loadBalancer: { ingress } } }),
});
const gateway = serviceOf({ type: 'LoadBalancer', loadBalancerClass: gatewayClass });
const told = (ingress: object[]) => ({ loadBalancer: { ingress } });

describe('the address of the gateway', () => {
  it.each([
    [
      'of the balancer',
      { clusterIP: '10.96.0.9' },
      [{ ip: '203.0.113.7' }],
      [{ ip: '203.0.113.7' }],
    ],
    ['a name of the balancer', {}, [{ hostname: 'lb.example' }], [{ hostname: 'lb.example' }]],
    ['by hand', { externalIPs: ['192.0.2.1'], clusterIP: '10.96.0.9' }, [], [{ ip: '192.0.2.1' }]],
    ['inside the cluster', { clusterIP: '10.96.0.9' }, undefined, [{ ip: '10.96.0.9' }]],
  ])('is that %s', (_which, spec, balanced, ingress) => {
    expect(gatewayStatus(gateway, serviceOf(spec, balanced))).toEqual(told(ingress));
  });

  it.each([
    ['there is no Service of the activators', undefined],
    ['it has no address yet', serviceOf({ clusterIP: '' })],
    ['it is headless', serviceOf({ clusterIP: 'None' })],
  ])('is left as it is while %s', (_why, activators) => {
    expect(gatewayStatus(gateway, activators)).toBeUndefined();
  });

  it('is written once', () => {
    const activators = serviceOf({ clusterIP: '10.96.0.9' });
    const after = { ...gateway, status: { loadBalancer: { ingress: [{ ip: '10.96.0.9' }] } } };
    expect(gatewayStatus(after, activators)).toBeUndefined();
  });
});

it('a Service of another class is its own balancer’s', () => {
  expect(isGateway(gateway)).toBe(true);
  expect(isGateway(serviceOf({ type: 'LoadBalancer' }))).toBe(false);
  expect(isGateway(serviceOf({ type: 'ClusterIP', loadBalancerClass: gatewayClass }))).toBe(false);
});
