/** Two deciders and two actuators, and one of each killed: the other goes on, no replica moves. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startLoad } from '../../e2e/harness/load.ts';
import { decidedReplicas } from '../../e2e/harness/reading.ts';
import { createDeployment, deploymentsPath, untilReplicas } from '../harness/deployment.ts';
import { followReplicas } from '../harness/follow-replicas.ts';
import { openScene, type Scene } from '../harness/scene.ts';

const limitMs = 60_000;
const namespace = 'scene-takeover';
const name = 'web';
const host = `${name}.${namespace}.example.com`;
const where = { namespace, name, limitMs };

let scene: Scene;

beforeAll(async () => {
  const kubeconfig = inject('kubeconfig');
  scene = await openScene(namespace, {
    kubeconfig,
    replicas: { decider: 2, actuator: 2 },
  });
  const annotations = { 'autoscaling.knative.dev/target': '10' };
  await createDeployment(scene.api, { namespace, name, annotations });
});
afterAll(() => scene.close());

const loadOf = (connections: number) => {
  const { place, gatewayUrl } = scene.flyball;
  return startLoad({ place, gatewayUrl, host, connections });
};

test('a load goes on over the deaths; only more load moves the replicas', async () => {
  const { api, flyball } = scene;
  const load = loadOf(30);
  await untilReplicas(api, where, 3);
  await using followed = await followReplicas(api, `${deploymentsPath(namespace)}/${name}`);
  for (const service of ['decider', 'actuator'] as const) {
    const [first] = flyball.replicas(service);
    if (first !== undefined) await flyball.kill(service, first.instance);
  }
  await flyball.untilReady();
  expect(followed.seen()).toEqual([3]);
  // More pods take a decision by the decider that is left, and a write by the actuator.
  const more = loadOf(20);
  await untilReplicas(api, where, 5);
  expect(Math.min(...followed.seen())).toBe(3);
  expect((await Promise.all([load.stop(), more.stop()])).map(({ failures }) => failures)).toEqual([
    0, 0,
  ]);
  await untilReplicas(api, where, 0);
  expect(decidedReplicas(await scene.history(name)).at(-1)).toBe(0);
});

test('what is left scales up from zero, and all of it decides the same again', async () => {
  const load = loadOf(20);
  await untilReplicas(scene.api, where, 2);
  expect((await load.stop()).failures).toBe(0);
  const { place } = scene.flyball;
  const verified = await place.flyball('replay', 'verify', `${namespace}/${name}`);
  expect(verified).toMatchObject({ code: 0 });
});
