/** A workload's load from Prometheus pages: what is asked for, and what is wrong with it. */
import { policySchema } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import { defaultAutoscalerConfig } from './autoscaler-config.ts';
import { resolvePolicy } from './resolve-policy.ts';

const prefix = 'flyball.dev/metrics-';
const concurrency = 'envoy_cluster_upstream_rq_active{envoy_cluster_name="web"}';

const resolved = (asked: Record<string, string>, others: Record<string, string> = {}) => {
  const own = Object.entries(asked).map(([name, value]) => [`${prefix}${name}`, value]);
  const annotations = { ...Object.fromEntries(own), ...others };
  return resolvePolicy({ config: defaultAutoscalerConfig, annotations });
};
const said = (asked: Record<string, string>, others?: Record<string, string>): string[] =>
  resolved(asked, others).complaints.map(
    ({ severity, key, message }) => `${severity} ${key.replace(prefix, '')}: ${message}`,
  );

describe('the source of a policy', () => {
  it('is not there unless it is asked for: older policies read and decide the same', () => {
    const { policy, layers } = resolved({});
    expect('source' in policy || 'source' in layers).toBe(false);
  });

  it('is a page of an ingress, or several that add up', () => {
    const { policy, layers, complaints } = resolved({
      concurrency,
      url: 'http://envoy-1:9901/stats/prometheus, http://envoy-2:9901/stats/prometheus',
      absent: 'zero',
    });
    expect(complaints).toEqual([]);
    expect(layers.source).toBe('annotation');
    expect(policySchema.parse(policy).source).toEqual({
      pages: {
        from: 'urls',
        urls: ['http://envoy-1:9901/stats/prometheus', 'http://envoy-2:9901/stats/prometheus'],
      },
      concurrency,
      requests: null,
      absent: 'zero',
    });
  });

  it("is else the pods' own page", () => {
    expect(resolved({ concurrency: 'active' }).policy.source?.pages).toEqual({
      from: 'pods',
      port: null,
      path: '/metrics',
    });
    const asked = {
      concurrency: 'active',
      requests: 'seen_total',
      port: '9102',
      path: '/stats?a=b',
    };
    expect(resolved(asked).policy.source).toEqual({
      pages: { from: 'pods', port: 9_102, path: '/stats?a=b' },
      concurrency: 'active',
      requests: 'seen_total',
      absent: 'blind',
    });
  });
});

describe('it is refused', () => {
  it.each([
    ['concurrency', 'rate(a[1m])', 'is more than a metric with labels'],
    ['concurrency', 'a{b=~"("}', 'has an expression that RE2 does not know'],
    ['url', 'https://ingress/metrics', 'is not a URL with http://'],
    ['url', 'ingress:9901', 'is not a URL with http://'],
    ['url', ' ', 'names no page'],
    ['url', 'http://u:p@ingress/', 'holds a password'],
    ['url', Array.from({ length: 9 }, (_, n) => `http://e${n}/`).join(' '), 'more than 8 pages'],
    ['port', '70000', 'is outside of the allowed range'],
    ['path', 'metrics', 'is not the path of a page'],
    ['absent', 'none', 'is not one of the choices'],
  ])('metrics-%s: %s', (name, value, why) => {
    const others = name === 'concurrency' ? {} : { concurrency };
    const complaints = said({ ...others, [name]: value });
    expect(complaints).toEqual([expect.stringContaining(`error ${name}: `)]);
    expect(complaints[0]).toContain(why);
  });

  it('when it does not measure what the policy goes by', () => {
    expect(said({ requests: 'seen_total' })).toEqual([
      'error requests: The metric concurrency needs metrics-concurrency; metrics-requests says ' +
        'nothing of it.',
    ]);
    const rps = { 'autoscaling.knative.dev/metric': 'rps' };
    expect(said({ concurrency }, rps)).toEqual([expect.stringContaining('needs metrics-requests')]);
    expect(said({ requests: 'seen_total' }, rps)).toEqual([]);
    expect(said({ concurrency, requests: 'seen_total' })).toEqual([]);
  });

  it('when it is at two places', () => {
    const asked = { concurrency, url: 'http://ingress/', port: '9102' };
    expect(said(asked)).toEqual(['error port: metrics-port is of pods, metrics-url is not.']);
  });
});

it('is warned of where it has no effect, and under another name', () => {
  expect(said({ url: 'http://ingress/', absent: 'zero' })).toEqual([
    'warning url: metrics-url has no effect without metrics-concurrency or metrics-requests.',
    'warning absent: metrics-absent has no effect without metrics-concurrency or metrics-requests.',
  ]);
  const hpa = { 'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev' };
  expect(said({ concurrency }, hpa)).toEqual([
    'warning concurrency: metrics-concurrency has no effect on a HorizontalPodAutoscaler.',
  ]);
  expect(said({ concurrency }, { 'flyball.dev/queue-proxy': 'true' })).toEqual([
    'advice flyball.dev/queue-proxy: Its counts are not read: metrics-… are given.',
  ]);
  const { complaints } = resolved({ concurency: 'active' });
  expect(complaints).toMatchObject([{ didYouMean: `${prefix}concurrency` }]);
});

it('says nothing of the annotations that Flyball itself writes', () => {
  expect(said({}, { 'flyball.dev/status-desired': '5' })).toEqual([]);
});
