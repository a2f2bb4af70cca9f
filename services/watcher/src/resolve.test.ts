import type { ObservedWorkload } from '@flyball/domain';
import { expect, it } from 'vitest';
import { createResolver } from './resolve.ts';

const workload = (annotations: Record<string, string>): ObservedWorkload => ({
  ...{ workload: 'default/web', uid: 'u1', resourceVersion: '1', replicas: 1 },
  ...{ fieldManager: 'kubectl', annotations, containerConcurrency: 0, timeoutSeconds: 300 },
  ...{ reachable: true, hosts: [], createdAtMs: 0 },
});

it.each([
  [{}, true],
  [{ 'flyball.dev/enabled': 'true' }, true],
  [{ 'flyball.dev/enabled': 'false' }, false],
  [{ 'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev' }, true],
  [{ 'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev' }, false],
  [{ 'autoscaling.knative.dev/class': 'their.own' }, false],
])('%j is ours: %s', (annotations, managed) => {
  expect(createResolver()(workload(annotations), undefined)).toMatchObject({ managed });
});
