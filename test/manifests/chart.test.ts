/** The chart renders to the objects of the overlays. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chart, helm, whyNoHelm } from './helm.ts';
import {
  type ClusterObject,
  nameOf,
  type Overlay,
  objectsIn,
  objectsOf,
  overlays,
} from './rendered-overlay.ts';

const valuesOf: Readonly<Record<Overlay, readonly string[]>> = {
  production: [],
  dev: ['--values', join(chart, 'values-dev.yaml')],
};

const template = (...words: readonly string[]): readonly ClusterObject[] => {
  const place = ['--namespace', 'flyball-system', '--kube-version', '1.36.0'];
  const args = ['template', 'flyball', chart, ...place, ...words];
  return objectsIn(execFileSync(helm ?? '', args, { encoding: 'utf8' }));
};

/** In what order variables stand says nothing, but that what they refer to is before them. */
const sorted = (key: string, value: unknown): unknown =>
  key === 'env' && Array.isArray(value)
    ? value.toSorted((one, other) => one.name.localeCompare(other.name))
    : value;

/**
 * A changed configuration makes new pods: by kustomize through a hash in the name of its
 * ConfigMap, by Helm through an annotation of the pods. Only Helm is told what to keep at the end,
 * and only it has a Job for each of its revisions.
 * Anything else has to be the same.
 */
const withoutToolsOwn = (object: ClusterObject): ClusterObject => {
  const isOfHelm = (key: string) =>
    key === 'checksum/configuration' || key === 'helm.sh/resource-policy';
  const text = JSON.stringify(object, (key, value) => {
    if (key !== 'annotations') return sorted(key, value);
    const kept = Object.entries(value).filter(([name]) => !isOfHelm(name));
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  });
  const named = text.replaceAll(/(-configuration)-[a-z0-9]{10}"/g, '$1"');
  return JSON.parse(named.replace('"name":"set-up-1"', '"name":"set-up"'));
};

const byName = (objects: readonly ClusterObject[]) => {
  const compared = objects.map(withoutToolsOwn).map((one) => [nameOf(one), one] as const);
  expect(new Set(compared.map(([name]) => name)).size).toBe(objects.length);
  return Object.fromEntries(compared);
};

describe.each(overlays)('%s', (overlay) => {
  it('is the same by Helm', ({ skip }) => {
    skip(helm === undefined, whyNoHelm);
    const rendered = template(...valuesOf[overlay], '--set', 'createNamespace=true');
    expect(byName(rendered)).toEqual(byName(objectsOf(overlay)));
  });
});

describe('values', () => {
  const textOf = (...words: readonly string[]): string => JSON.stringify(template(...words));

  it('change what they say', ({ skip }) => {
    skip(helm === undefined, whyNoHelm);
    const set = (value: string) => textOf('--set', value);
    expect(set('images=r.example.com/f')).toContain('"image":"r.example.com/f/decider:0.1.0"');
    expect(set('tag=7')).toContain('"image":"flyball/set-up:7"');
    expect(set('domain=apps.example.org')).not.toContain('"value":"example.com"');
    expect(set('namespaces={a,b}')).toContain('{"name":"FLYBALL_NAMESPACES","value":"a,b"}');
    expect(set('nats.storageClass=fast')).toContain('"storageClassName":"fast"');
    expect(set('configAutoscaler=false')).not.toContain('"kind":"Namespace"');
    expect(set('knativeServices=off')).toContain('_KNATIVE_SERVICES","value":"off"');
    expect(set('traces=true')).toContain(
      '{"name":"FLYBALL_TRACES_URL","value":"http://console:8080"}',
    );
    expect(set('traces=false')).not.toContain('FLYBALL_TRACES_URL');
    const endpoint = 'otlpEndpoint=http://otel-collector:4318';
    expect(set(endpoint)).toContain('"value":"http://otel-collector:4318"');
    expect(set('consoleHosts={scaling.example.com}')).toContain('.local,scaling.example.com"');
    expect(set('nats.servers=1')).not.toContain('NATS_ROUTE');
  });

  it('what others may use stays when a release goes', ({ skip }) => {
    skip(helm === undefined, whyNoHelm);
    const kept = template('--set', 'createNamespace=true').filter(({ metadata }) => {
      return Reflect.get(metadata, 'annotations')?.['helm.sh/resource-policy'] === 'keep';
    });
    expect(kept.map(nameOf).sort()).toEqual([
      'ConfigMap knative-serving/config-autoscaler',
      'Namespace knative-serving',
    ]);
  });

  it('a set-up that cannot end is in the way of no other revision', ({ skip }) => {
    skip(helm === undefined, whyNoHelm);
    const jobs = template().filter(({ kind }) => kind === 'Job');
    expect(jobs.map(nameOf)).toEqual(['Job flyball-system/set-up-1']);
  });

  it('a release goes to its namespace as a whole', ({ skip }) => {
    skip(helm === undefined, whyNoHelm);
    expect(textOf('--namespace', 'scaling')).not.toContain('flyball-system');
  });
});
