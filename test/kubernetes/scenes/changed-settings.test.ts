/** Settings changed with kubectl while everything runs: the next decision is made by them. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { askGateway } from '../../e2e/harness/ask.ts';
import { startLoad } from '../../e2e/harness/load.ts';
import { dataOf } from '../../e2e/harness/reading.ts';
import { until } from '../../e2e/harness/until.ts';
import { createDeployment, untilReplicas } from '../harness/deployment.ts';
import { openScene, type Scene } from '../harness/scene.ts';

const limitMs = 60_000;
const namespace = 'scene-settings';
const prefix = 'autoscaling.knative.dev';
const at = (name: string) => ({ namespace, name, limitMs });

let scene: Scene;

beforeAll(async () => {
  scene = await openScene(namespace, { kubeconfig: inject('kubeconfig'), asInstalled: true });
});
afterAll(() => scene.close());

const hostOf = (name: string): string => `${name}.${namespace}.example.com`;

const loadOn = (name: string, connections: number) => {
  const { place, gatewayUrl } = scene.flyball;
  return startLoad({ place, gatewayUrl, host: hostOf(name), connections });
};

test('minScale 1 and maxScale 3: never fewer, never more', async () => {
  const annotations = {
    [`${prefix}/target`]: '10',
    [`${prefix}/min-scale`]: '1',
    [`${prefix}/max-scale`]: '3',
  };
  await createDeployment(scene.api, { namespace, name: 'bounded', annotations });
  await untilReplicas(scene.api, at('bounded'), 1);
  const load = loadOn('bounded', 50);
  await untilReplicas(scene.api, at('bounded'), 3);
  const { failures, statuses } = await load.stop();
  expect({ failures, statuses: Object.keys(statuses) }).toEqual({ failures: 0, statuses: ['200'] });
  await untilReplicas(scene.api, at('bounded'), 1);
  const decided = dataOf(await scene.history('bounded'), 'decided').map(({ to }) => Number(to));
  expect(Math.max(...decided)).toBe(3);
  expect(Math.min(...decided)).toBe(1);
});

test('an annotation changed with kubectl counts at once, and rolls no pod', async () => {
  const name = 'annotated';
  const annotate = (key: string, value: string) =>
    scene.kubectl(
      ...['annotate', 'deployment', name, '--namespace', namespace, '--overwrite'],
      `${prefix}/${key}=${value}`,
    );
  await createDeployment(scene.api, { namespace, name });
  await annotate('min-scale', '1');
  await untilReplicas(scene.api, at(name), 1);
  await annotate('min-scale', '3');
  await untilReplicas(scene.api, at(name), 3);
  await annotate('min-scale', '0');
  await untilReplicas(scene.api, at(name), 0);
  const { items } = await scene.api.list(`/apis/apps/v1/namespaces/${namespace}/replicasets`, {
    labelSelector: `app=${name}`,
  });
  expect(items.length).toBe(1);
});

test('a value that cannot be is refused with what is allowed, and the old one counts', async () => {
  const name = 'refused';
  const annotations = { [`${prefix}/max-scale`]: '4' };
  await createDeployment(scene.api, { namespace, name, annotations });
  const seen = () => scene.history(name);
  const policies = async (kind: string) => dataOf(await seen(), kind);
  await until('its policy is set', { limitMs, seen }, async () => {
    return (await policies('policy-set')).length > 0;
  });
  await scene.kubectl(
    ...['annotate', 'deployment', name, '--namespace', namespace, '--overwrite'],
    `${prefix}/target=-5`,
  );
  const refused = await until('it is refused', { limitMs, seen }, async () => {
    return (await policies('policy-refused')).at(-1);
  });
  expect(JSON.stringify(refused)).toContain('-5');
  expect(await policies('policy-set')).toHaveLength(1);
});

test('the ConfigMap changed with kubectl counts for those without an annotation', async () => {
  const name = 'defaults';
  await createDeployment(scene.api, { namespace, name });
  const { gatewayUrl, settingsNamespace } = scene.flyball;
  const answer = await askGateway(gatewayUrl, hostOf(name), { limitMs });
  expect(answer.status).toBe(200);
  const load = loadOn(name, 40);
  await untilReplicas(scene.api, at(name), 1);
  const data = { 'container-concurrency-target-default': '10' };
  await scene.kubectl(
    ...['--namespace', settingsNamespace, 'patch', 'configmap', 'config-autoscaler'],
    ...['--type', 'merge', '--patch', JSON.stringify({ data })],
  );
  await untilReplicas(scene.api, at(name), 4);
  const { failures } = await load.stop();
  expect(failures).toBe(0);
  const layers = dataOf(await scene.history(name), 'policy-set').at(-1)?.layers;
  expect(layers).toMatchObject({ targetValue: 'config-autoscaler' });
});
