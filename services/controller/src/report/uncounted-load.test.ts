/** Which Deployments are asked where nobody counts it. */
import { defaultAutoscalerConfig, resolvePolicy } from '@flyball/knative';
import { describe, expect, it } from 'vitest';
import type { CoreService, Deployment } from '../objects/cluster-object.ts';
import { uncountedLoad } from './uncounted-load.ts';

const labels = { app: 'web', tier: 'front' };
const deployment: Deployment = {
  ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
  metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
  spec: { selector: {}, template: { metadata: { labels }, spec: {} } },
};

const service = (
  name: string,
  selector: Record<string, string> | undefined,
  metadata: Partial<CoreService['metadata']> = {},
): CoreService => ({
  ...{ apiVersion: 'v1', kind: 'Service' },
  metadata: { name, namespace: 'shop', ...metadata },
  spec: { ...(selector === undefined ? {} : { selector }), ports: [{ port: 80 }] },
});
const ordinary = service('web', { app: 'web' });

interface Given {
  readonly services?: readonly CoreService[];
  readonly annotations?: Record<string, string>;
  readonly hasQueueProxy?: boolean;
}

const warning = ({ services = [ordinary], annotations = {}, hasQueueProxy = false }: Given = {}) =>
  uncountedLoad({
    ...{ deployment, services, hasQueueProxy },
    policy: resolvePolicy({ config: defaultAutoscalerConfig, annotations }).policy,
  });

describe('a Deployment that was taken', () => {
  it('is warned of where an ordinary Service leads to its pods and nobody counts', () => {
    const { type, reason, message = '' } = warning() ?? {};
    expect([type, reason]).toEqual(['Warning', 'RequestsNotCounted']);
    expect(message).toContain('Service web leads requests straight to the pods');
    expect(message).toContain('under that load this Deployment goes to zero.');
    for (const cure of [
      'flyball.dev/deployment: web and remove spec.selector',
      'flyball.dev/inject: "true"',
      'flyball.dev/metrics-concurrency',
      'flyball.dev/enabled: "false"',
    ])
      expect(message).toContain(cure);
    expect(message.length).toBeLessThan(1_000);
  });

  it('names several Services, and the floor that it goes to', () => {
    const services = ['a', 'b', 'c', 'd'].map((name) => service(name, { app: 'web' }));
    const annotations = { 'autoscaling.knative.dev/min-scale': '2' };
    const { message } = warning({ services, annotations }) ?? {};
    expect(message).toContain('Services a, b, c and 1 more lead');
    expect(message).toContain('its min scale of 2');
  });

  it('is warned although another Service is public that carries nothing countable', () => {
    const metadata = { annotations: { 'flyball.dev/deployment': 'web' } };
    const { spec, ...rest } = service('tls', undefined, metadata);
    const tls = { ...rest, spec: { ...spec, ports: [{ name: 'https', port: 443 }] } };
    const { reason, message } = warning({ services: [ordinary, tls] }) ?? {};
    expect(reason).toBe('RequestsNotCounted');
    // The activators are refused for the other one, and without them there is no zero.
    expect(message).toContain('this Deployment goes to one replica.');
    expect(warning({ services: [tls] })).toBeUndefined();
  });

  it('is warned where a Service names it and kept its selector', () => {
    const metadata = { annotations: { 'flyball.dev/deployment': 'web' } };
    const { reason, message } = warning({ services: [service('web', labels, metadata)] }) ?? {};
    expect(reason).toBe('RequestsNotCounted');
    expect(message).toContain('Service web leads requests straight to the pods');
    expect(message).toContain('goes to one replica.');
  });

  it('is warned where a Service that names another one selects its pods', () => {
    const metadata = { annotations: { 'flyball.dev/deployment': 'api' } };
    const { message } = warning({ services: [service('api', { app: 'web' }, metadata)] }) ?? {};
    expect(message).toContain('Service api leads requests straight to the pods');
    expect(message).toContain('goes to zero.');
  });

  it('needs no warning where its load is counted, or by no Service', () => {
    const named = { 'flyball.dev/deployment': 'web' };
    const publicOne = service('public', undefined, { annotations: named });
    expect(warning({ services: [ordinary, publicOne] })).toBeUndefined();
    expect(warning({ hasQueueProxy: true })).toBeUndefined();
    const metrics = {
      'flyball.dev/metrics-url': 'http://envoy:9901/stats',
      'flyball.dev/metrics-concurrency': 'envoy_active',
    };
    expect(warning({ annotations: metrics })).toBeUndefined();
    const hpa = { 'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev' };
    expect(warning({ annotations: hpa })).toBeUndefined();
    expect(warning({ services: [] })).toBeUndefined();
  });

  it('is not concerned by Services of others, without a selector, or of our own', () => {
    const managed = { 'app.kubernetes.io/managed-by': 'flyball.dev' };
    const services = [
      service('elsewhere', { app: 'web' }, { namespace: 'other' }),
      service('other', { app: 'api' }),
      service('more', { app: 'web', tier: 'back' }),
      service('by-hand', undefined),
      service('private', { app: 'web' }, { labels: managed }),
    ];
    expect(warning({ services })).toBeUndefined();
  });
});
