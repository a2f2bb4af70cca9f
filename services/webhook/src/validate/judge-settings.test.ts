/** What is refused at `kubectl apply`, what is warned of, and what is let through. */
import { parseConfigAutoscaler } from '@flyball/knative';
import { describe, expect, it } from 'vitest';
import { judgeSettings } from './judge-settings.ts';

const key = 'autoscaling.knative.dev';
const ours = { 'flyball.dev/enabled': 'true' };

const queueProxy = {
  image: 'flyball/queue-proxy:test',
  cpu: '25m',
  memory: '96Mi',
  cpuMax: '',
  memoryMax: '512Mi',
  keepAcceptingMs: 10_000,
};

interface Given {
  readonly own?: Record<string, string>;
  readonly template?: Record<string, string>;
}

const deployment = ({ own = {}, template = {} }: Given) => ({
  metadata: { annotations: own },
  spec: { template: { metadata: { annotations: template }, spec: {} } },
});

const judge = (object: unknown, more: { kind?: object; oldObject?: unknown } = {}) => {
  const kind = { group: 'apps', version: 'v1', kind: 'Deployment', ...more.kind };
  const operation = more.oldObject === undefined ? 'CREATE' : 'UPDATE';
  const request = { uid: '1', namespace: 'default', name: 'web', dryRun: false };
  const { config } = parseConfigAutoscaler({ 'max-scale': '9', 'max-scale-limit': '20' });
  return judgeSettings(
    { ...request, kind, operation, object, oldObject: more.oldObject },
    { readConfig: async () => config, queueProxy },
  );
};

describe('a Deployment', () => {
  it('is refused with every sentence', async () => {
    const annotations = { ...ours, [`${key}/target`]: '0', [`${key}/max-scale`]: '30' };
    const { allowed, message } = await judge(deployment({ own: annotations }));
    expect(allowed).toBe(false);
    expect(message).toContain(`${key}/target is outside of the allowed range`);
    expect(message).toContain("max-scale is 30, but the cluster's max-scale-limit is 20");
  });

  it('is let through with warnings where nothing is wrong', async () => {
    const template = { ...ours, [`${key}/min-scle`]: '1', [`${key}/max-scale`]: '5' };
    const { allowed, warnings } = await judge(deployment({ template }));
    expect(allowed).toBe(true);
    expect(warnings).toEqual([expect.stringContaining(`did you mean ${key}/min-scale?`)]);
    expect(warnings?.[0]).not.toMatch(/^warning/);
  });

  it('is not refused for what was wrong already, however it changes else', async () => {
    const wrong = { ...ours, [`${key}/target`]: '0', [`${key}/max-scale`]: '5' };
    const before = deployment({ own: wrong });
    const scaled = { ...before, spec: { ...before.spec, replicas: 3 } };
    expect(await judge(scaled, { oldObject: before })).toEqual({ allowed: true });
    const worse = deployment({ own: { ...wrong, [`${key}/window`]: '1s' } });
    expect((await judge(worse, { oldObject: before })).allowed).toBe(false);
  });

  it('is not refused for what was wrong already where the controller marks it', async () => {
    // Given a revision whose max-scale is above the limit that the cluster has by now,
    const wrong = { ...ours, [`${key}/max-scale`]: '30' };
    const before = { ...wrong, 'flyball.dev/template-hash': 'a', 'flyball.dev/pod-hash': 'b' };
    const oldObject = deployment({ own: before });
    const changed = (own: object) =>
      judge(deployment({ own: { ...before, ...own } }), { oldObject });
    // When requests no longer reach it, or its pods are made anew, then that may be written down;
    expect(await changed({ 'flyball.dev/reachable': 'false' })).toEqual({ allowed: true });
    const pods = { 'flyball.dev/pod-hash': 'c', 'flyball.dev/queue-proxy': 'true' };
    expect((await changed(pods)).allowed).toBe(true);
    // a mistake in their place is none of its marks.
    expect((await changed({ 'flyball.dev/queue-proxy': 'perhaps' })).allowed).toBe(false);
  });

  it('of somebody else is warned of only', async () => {
    const { allowed, warnings } = await judge(deployment({ template: { [`${key}/target`]: '0' } }));
    expect(allowed).toBe(true);
    expect(warnings).toEqual([expect.stringContaining('outside of the allowed range')]);
    const nobodys = deployment({ own: { 'example.com/x': 'y' } });
    expect(await judge(nobodys)).toEqual({ allowed: true });
  });

  it('that nobody can read is none of ours', async () => {
    expect(await judge({ spec: 3 })).toEqual({ allowed: true });
  });
});

describe('a queue-proxy that is asked for', () => {
  const asks = { 'flyball.dev/inject': 'true' };
  const withPods = (given: Given, spec: object) => {
    const { metadata, spec: own } = deployment(given);
    return { metadata, spec: { template: { ...own.template, spec } } };
  };
  const warningsOf = async (given: Given, spec: object) =>
    (await judge(withPods(given, spec))).warnings ?? [];
  const containers = [{ name: 'app', ports: [{ containerPort: 8080 }] }];

  it('and can be had needs no word', async () => {
    expect(await warningsOf({ template: asks }, { containers })).toEqual([]);
  });

  it('is warned of where pods cannot have it, or do not show that they ask', async () => {
    expect(await warningsOf({ template: asks }, { containers: [{ name: 'app' }] })).toEqual([
      expect.stringContaining('get no queue-proxy: No container declares a port'),
    ]);
    expect(await warningsOf({ own: asks }, { containers })).toEqual([
      expect.stringContaining('belongs under spec.template.metadata.annotations'),
    ]);
    const own = [{ ...containers[0], lifecycle: { preStop: { exec: {} } } }];
    expect(await warningsOf({ template: asks }, { containers: own })).toEqual([
      expect.stringContaining('has a preStop hook of its own'),
    ]);
  });
});

it('a Knative Service is judged by its template and its limit', async () => {
  const kind = { group: 'serving.knative.dev', kind: 'Service' };
  const service = (annotations: Record<string, string>) => ({
    metadata: {},
    spec: { template: { metadata: { annotations }, spec: { containerConcurrency: 1 } } },
  });
  const { warnings } = await judge(service({ [`${key}/min-scale`]: '1' }), { kind });
  expect(warnings).toEqual([expect.stringContaining('a containerConcurrency of 1')]);
  const kpa = { [`${key}/class`]: `kpa.${key}`, [`${key}/metric`]: 'cpu' };
  expect((await judge(service(kpa), { kind })).allowed).toBe(false);
});

it('a ConfigMap of settings is judged as a whole', async () => {
  const kind = { group: '', kind: 'ConfigMap' };
  const { allowed, message } = await judge({ data: { 'stable-window': '1s' } }, { kind });
  expect(allowed).toBe(false);
  expect(message).toContain('stable-window');
  expect((await judge({ data: { 'stable-window': '60s' } }, { kind })).allowed).toBe(true);
});
