/** Somebody else scales: who did it is written down, and the policy decides. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { dataOf } from '../../e2e/harness/reading.ts';
import { until } from '../../e2e/harness/until.ts';
import { createDeployment, deploymentsPath, untilReplicas } from '../harness/deployment.ts';
import { openScene, type Scene } from '../harness/scene.ts';

const limitMs = 60_000;
const namespace = 'scene-drift';
const name = 'web';
const where = { namespace, name, limitMs };

let scene: Scene;

beforeAll(async () => {
  scene = await openScene(namespace, { kubeconfig: inject('kubeconfig'), asInstalled: true });
  const annotations = { 'autoscaling.knative.dev/min-scale': '2' };
  await createDeployment(scene.api, { namespace, name, annotations });
  await untilReplicas(scene.api, where, 2);
});
afterAll(() => scene.close());

const drifts = async () => dataOf(await scene.history(name), 'replicas-drifted');

const scaledByHand = (replicas: number): Promise<string> =>
  scene.kubectl(
    ...['--namespace', namespace, 'scale', 'deployment', name, `--replicas=${replicas}`],
  );

test.each([
  [5, 'kubectl'],
  // A zero is left out of what is written, so that the API server names nobody for it.
  [0, 'unknown'],
])('kubectl scale to %i is recorded and corrected', async (observed, fieldManager) => {
  const before = (await drifts()).length;
  await scaledByHand(observed);
  const drift = await until('it is recorded', { limitMs, seen: drifts }, async () => {
    return (await drifts())[before];
  });
  expect(drift).toMatchObject({ expected: 2, observed, fieldManager });
  await untilReplicas(scene.api, where, 2);
});

test('another program that fights is named, and does not win', async () => {
  const path = `${deploymentsPath(namespace)}/${name}?fieldManager=somebody-else`;
  for (const replicas of [7, 1, 4]) await scene.api.patch(path, { spec: { replicas } });
  await until('it is named', { limitMs, seen: drifts }, async () => {
    return (await drifts()).some(({ fieldManager }) => fieldManager === 'somebody-else');
  });
  await untilReplicas(scene.api, where, 2);
});

test('our own writes are no drift', async () => {
  const managers = (await drifts()).map(({ fieldManager }) => fieldManager);
  expect(managers).not.toContain('flyball-actuator');
  const object = await scene.api.get(`${deploymentsPath(namespace)}/${name}`);
  const { managedFields } = object.metadata as { managedFields?: readonly object[] };
  expect(managedFields).toContainEqual(
    expect.objectContaining({ manager: 'flyball-actuator', subresource: 'scale' }),
  );
});
