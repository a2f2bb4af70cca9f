/** Which Knative Services can be served, in every shape, and what is said of those that cannot. */
import { readFileSync } from 'node:fs';
import { defaultAutoscalerConfig } from '@flyball/knative';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { judgeService } from './judge-service.ts';
import type { KnativeService } from './knative-service.ts';

const samples = new URL('../../../../samples/', import.meta.url);
const sample = (name: string) =>
  parse(readFileSync(new URL(name, samples), 'utf8')) as KnativeService;
const judged = (service: unknown) =>
  judgeService(service as KnativeService, defaultAutoscalerConfig);

const service = (spec: unknown, metadata: object = {}) => ({
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec,
});
const image = 'registry.example/web:1';
const withAnnotations = (annotations: Record<string, string>) =>
  service({ template: { metadata: { annotations }, spec: { containers: [{ image }] } } });

describe('a Service that can be served', () => {
  it.each([
    'scene-1.template.yaml',
    'scene-1.run-latest.yaml',
    'scene-2.template.yaml',
    'scene-2.run-latest.yaml',
  ])('is %s', (name) => {
    expect(judged(sample(name))).toMatchObject({
      ok: true,
      warnings: [],
      manifest: {
        namespace: 'default',
        name: 'autoscale-go',
        image: 'gcr.io/knative-samples/autoscale-go:0.1',
        annotations: { 'autoscaling.knative.dev/target': '10' },
      },
    });
  });

  it('is one of v1alpha1 as the API server shows it under v1', () => {
    const stored = { ...sample('scene-2.run-latest.yaml'), apiVersion: 'serving.knative.dev/v1' };
    expect(judged(stored)).toMatchObject({ ok: true, warnings: [] });
  });

  it('is told what has no effect', () => {
    const verdict = judged(withAnnotations({ 'autoscaling.knative.dev/max-scala': '3' }));
    expect(verdict).toMatchObject({ ok: true });
    expect(verdict.ok && verdict.warnings.join()).toContain('did you mean');
  });
});

describe('a Service that cannot be served', () => {
  it('has no image', () => {
    expect(judged(service({ template: { spec: { containers: [{ name: 'app' }] } } }))).toEqual({
      ok: false,
      reason: 'ImageMissing',
      message:
        'The container app has no image: give one, such as image: registry.example/team/app:1',
    });
  });

  it.each([
    ['no template', {}, {}, 'InvalidTemplate', 'no template'],
    ['no container', { template: { spec: {} } }, {}, 'InvalidTemplate', 'no container'],
    [
      'a name that is too long',
      { template: { spec: { containers: [{ image }] } } },
      { name: 'x'.repeat(64) },
      'InvalidName',
      'at most 63',
    ],
    [
      'a limit of requests that is no number',
      { template: { spec: { containerConcurrency: 'ten', containers: [{ image }] } } },
      {},
      'InvalidTemplate',
      'containerConcurrency',
    ],
  ])('has %s', (_what, spec, metadata, reason, words) => {
    const verdict = judged(service(spec, metadata));
    expect(verdict).toMatchObject({ ok: false, reason });
    expect(!verdict.ok && verdict.message).toContain(words);
  });

  it('has annotations out of range, and is told of all of them', () => {
    const verdict = judged(
      withAnnotations({
        'autoscaling.knative.dev/target': '0',
        'autoscaling.knative.dev/max-scale': '-1',
      }),
    );
    expect(verdict).toMatchObject({ ok: false, reason: 'InvalidAnnotations' });
    expect(!verdict.ok && verdict.message).toContain('autoscaling.knative.dev/target: "0"');
    expect(!verdict.ok && verdict.message).toContain('autoscaling.knative.dev/max-scale: "-1"');
  });
});
