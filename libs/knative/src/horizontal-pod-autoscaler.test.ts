/** Class hpa: the same objects as Knative's own code makes, and what only we are asked for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V2HorizontalPodAutoscaler } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { horizontalPodAutoscalerOf } from './horizontal-pod-autoscaler.ts';
import { parseConfigAutoscaler } from './parse-config-autoscaler.ts';
import { resolvePolicy } from './resolve-policy.ts';

const texts = z.record(z.string(), z.string());
const caseSchema = z.strictObject({
  annotations: texts,
  config: texts,
  containerConcurrency: z.int(),
  reachable: z.boolean().optional(),
  labels: texts.optional(),
  /** What MakeHPA of knative.dev/serving v0.50.0 answered, without owner and status. */
  expected: z.unknown(),
});

const cases = readFileSync(join(import.meta.dirname, 'testing/hpa-of-knative.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => caseSchema.parse(JSON.parse(line)));

const web = { namespace: 'default', name: 'web', deployment: 'web' };

/** That Kubernetes' own client takes the object, the compiler checks. */
const made = (
  annotations: Record<string, string>,
  given: Partial<z.infer<typeof caseSchema>> & { ownerUid?: string } = {},
): V2HorizontalPodAutoscaler => {
  const { config = {}, containerConcurrency, ...subject } = given;
  const policyInputs = { config: parseConfigAutoscaler(config).config, annotations };
  const { policy } = resolvePolicy({ ...policyInputs, containerConcurrency });
  return horizontalPodAutoscalerOf(policy, { ...web, annotations, ...subject });
};

describe('what Knative makes', () => {
  it('is told in cases of every kind', () => {
    const told = JSON.stringify(cases);
    expect(cases.length).toBeGreaterThan(30);
    for (const part of ['Utilization', 'averageValue', 'Pods', 'Mi', 'behavior', 'minReplicas']) {
      expect(told).toContain(part);
    }
  });

  it.each(cases)('for $annotations, $config, reachable $reachable', (one) => {
    const { expected, annotations, ...given } = one;
    expect(made(annotations, given)).toEqual(expected);
  });
});

const hpa = {
  'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev',
  'autoscaling.knative.dev/target': '50',
};

it('belongs to the Deployment whose uid is known', () => {
  expect(made(hpa, { ownerUid: 'u-1' }).metadata?.ownerReferences).toEqual([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'web',
      uid: 'u-1',
      controller: true,
    },
  ]);
});

it('keeps min-scale without traffic where that is asked for', () => {
  const annotations = { ...hpa, 'autoscaling.knative.dev/min-scale': '3' };
  expect(made(annotations, { reachable: false }).spec?.minReplicas).toBeUndefined();
  const kept = { ...annotations, 'flyball.dev/min-scale-when-unreachable': 'true' };
  expect(made(kept, { reachable: false }).spec?.minReplicas).toBe(3);
});

it('never asks for more than an integer of Kubernetes holds', () => {
  const annotations = { ...hpa, 'autoscaling.knative.dev/target': '3e9' };
  const [metric] = made(annotations).spec?.metrics ?? [];
  expect(metric).toMatchObject({ resource: { target: { averageUtilization: 2_147_483_647 } } });
});
