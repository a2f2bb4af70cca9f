/** Class hpa on a real API server: its HorizontalPodAutoscalers come, change and go. */
import { connectCluster } from '@flyball/platform/kubernetes';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { ClusterObject } from '../objects/cluster-object.ts';
import { type ClusterBed, startLoops } from '../testing/cluster-bed.ts';
import { openNamespace, type TestNamespace } from '../testing/cluster-namespace.ts';
import { hpaLoop } from './hpa-loop.ts';

interface Autoscaler extends ClusterObject {
  readonly spec: { readonly minReplicas?: number; readonly maxReplicas: number };
}

const access = connectCluster({ kubeconfig: inject('kubeconfig'), namespaces: [] });
const hpa = {
  'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev',
  'autoscaling.knative.dev/metric': 'cpu',
  'autoscaling.knative.dev/target': '60',
  'autoscaling.knative.dev/min-scale': '1',
  'autoscaling.knative.dev/max-scale': '4',
};
let namespace: TestNamespace;
let bed: ClusterBed;

const autoscalerNamed = (name: string) => ({
  ...{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name },
});
const deploymentNamed = (name: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name });

const deploy = (name: string, annotations: Record<string, string>) =>
  namespace.create({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, annotations } },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: 'none' }] },
      },
    },
  });
const found = (name: string) => namespace.find<Autoscaler>(autoscalerNamed(name));
const boundsOf = async (name: string) => {
  const spec = (await found(name))?.spec;
  return spec === undefined ? undefined : [spec.minReplicas, spec.maxReplicas];
};

beforeAll(async () => {
  namespace = await openNamespace(access);
  bed = startLoops([hpaLoop], {
    kubeconfig: inject('kubeconfig'),
    env: { FLYBALL_NAMESPACES: namespace.name, FLYBALL_KNATIVE_SERVICES: 'off' },
  });
});

afterAll(async () => {
  await bed[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await access.close();
});

test('one is made, follows the annotations, and is put right after an edit', async () => {
  await deploy('web', hpa);
  await expect.poll(() => boundsOf('web')).toEqual([1, 4]);
  const annotations = { 'autoscaling.knative.dev/max-scale': '9' };
  await namespace.patch(deploymentNamed('web'), { metadata: { annotations } });
  await expect.poll(() => boundsOf('web')).toEqual([1, 9]);
  await namespace.patch(autoscalerNamed('web'), { spec: { maxReplicas: 2 } });
  await expect.poll(() => boundsOf('web')).toEqual([1, 9]);
  expect(await namespace.events('Deployment', 'web')).toEqual([
    'AutoscalerCreated: Created HorizontalPodAutoscaler web.',
  ]);
});

test('it goes with the class, and with the Deployment', async () => {
  await deploy('leaves', hpa);
  await deploy('deleted', hpa);
  await expect.poll(() => boundsOf('leaves')).toBeDefined();
  await expect.poll(() => boundsOf('deleted')).toBeDefined();
  const annotations = { 'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev' };
  await namespace.patch(deploymentNamed('leaves'), { metadata: { annotations } });
  await expect.poll(() => found('leaves')).toBeUndefined();
  await namespace.remove(deploymentNamed('deleted'));
  await expect.poll(() => found('deleted'), { timeout: 60_000 }).toBeUndefined();
});

test("somebody else's is left alone, and told of", async () => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'fought' };
  const { apiVersion, kind } = autoscalerNamed('fought');
  const metadata = { name: 'fought' };
  await namespace.create({ apiVersion, kind, metadata, spec: { scaleTargetRef, maxReplicas: 7 } });
  await deploy('fought', hpa);
  await expect
    .poll(() => namespace.events('Deployment', 'fought'))
    .toEqual([expect.stringContaining('AutoscalerNotOwned: ')]);
  expect(await boundsOf('fought')).toEqual([1, 7]);
});
