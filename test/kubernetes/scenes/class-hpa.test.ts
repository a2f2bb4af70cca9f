/** Class hpa: a HorizontalPodAutoscaler scales, and Flyball keeps its hands off, until told. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { dataOf } from '../../e2e/harness/reading.ts';
import { until } from '../../e2e/harness/until.ts';
import { createDeployment, untilReplicas } from '../harness/deployment.ts';
import { openScene, type Scene } from '../harness/scene.ts';

const limitMs = 60_000;
const namespace = 'scene-hpa';
const name = 'web';
const where = { namespace, name, limitMs };
const prefix = 'autoscaling.knative.dev';

let scene: Scene;

beforeAll(async () => {
  scene = await openScene(namespace, { kubeconfig: inject('kubeconfig'), asInstalled: true });
});
afterAll(() => scene.close());

const autoscaler = async (path: string): Promise<string> => {
  const get = ['get', 'hpa', '--namespace', namespace, '-o'];
  return (await scene.kubectl(...get, `jsonpath={.items[*]${path}}`)).trim();
};

const annotate = (...annotations: readonly string[]): Promise<string> =>
  scene.kubectl(
    ...['annotate', 'deployment', name, '--namespace', namespace, '--overwrite'],
    ...annotations.map((annotation) => `${prefix}/${annotation}`),
  );

const scale = (replicas: number): Promise<string> =>
  scene.kubectl('--namespace', namespace, 'scale', 'deployment', name, `--replicas=${replicas}`);

test('the HorizontalPodAutoscaler is made, owned by the Deployment, and follows it', async () => {
  await createDeployment(scene.api, {
    ...{ namespace, name, replicas: 1 },
    annotations: {
      [`${prefix}/class`]: 'hpa.autoscaling.knative.dev',
      [`${prefix}/metric`]: 'cpu',
      [`${prefix}/target`]: '60',
      [`${prefix}/min-scale`]: '1',
      [`${prefix}/max-scale`]: '4',
    },
  });
  await expect.poll(() => autoscaler('.spec.scaleTargetRef.name')).toBe(name);
  expect(await autoscaler('.metadata.ownerReferences[*].name')).toBe(name);
  expect(await autoscaler('.spec.maxReplicas')).toBe('4');
});

test('whoever scales it otherwise is left alone', async () => {
  await untilReplicas(scene.api, where, 1);
  await scale(3);
  await untilReplicas(scene.api, where, 3);
  // What is decided of it is decided by the other: nothing of ours was applied.
  expect(dataOf(await scene.history(name), 'scale-applied')).toEqual([]);
});

test('with another class it goes, and Flyball scales', async () => {
  const template = { metadata: { annotations: { [`${prefix}/class`]: null } } };
  const bounds = { [`${prefix}/metric`]: null, [`${prefix}/target`]: null };
  Object.assign(template.metadata.annotations, bounds, { [`${prefix}/min-scale`]: '2' });
  const patch = JSON.stringify({ spec: { template } });
  const at = ['--namespace', namespace, 'deployment', name];
  await scene.kubectl('patch', ...at, '--type', 'merge', '--patch', patch);
  await expect.poll(() => autoscaler('.metadata.name')).toBe('');
  await untilReplicas(scene.api, where, 2);
  const seen = () => scene.history(name);
  await until('Flyball has scaled it', { limitMs, seen }, async () => {
    return dataOf(await seen(), 'scale-applied').length > 0;
  });
});

test('and back: the class of the Deployment counts where the template has none', async () => {
  await annotate('class=hpa.autoscaling.knative.dev', 'metric=cpu', 'target=70');
  await expect.poll(() => autoscaler('.spec.minReplicas')).toBe('2');
});
