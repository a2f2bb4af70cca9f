/** An annotated Deployment on a real API server: from zero to what the load needs, and back. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { askGateway } from '../../e2e/harness/ask.ts';
import { chainBreaks, doubleIds, ledgerOf } from '../../e2e/harness/judges.ts';
import { runLoad } from '../../e2e/harness/load.ts';
import { decidedReplicas } from '../../e2e/harness/reading.ts';
import { createDeployment, untilReplicas } from '../harness/deployment.ts';
import { openScene, type Scene } from '../harness/scene.ts';

const limitMs = 60_000;
const namespace = 'scene-annotated';
const name = 'web';
const host = `${name}.${namespace}.example.com`;
const where = { namespace, name, limitMs };

let scene: Scene;

beforeAll(async () => {
  scene = await openScene(namespace, { kubeconfig: inject('kubeconfig'), asInstalled: true });
  const annotations = { 'autoscaling.knative.dev/target': '10' };
  await createDeployment(scene.api, { namespace, name, annotations });
});

afterAll(() => scene.close());

test('the first request at zero is held, answered by a new pod, and zero comes back', async () => {
  const { api, flyball } = scene;
  const answer = await askGateway(flyball.gatewayUrl, host, { limitMs });
  expect(answer.status).toBe(200);
  await untilReplicas(api, where, 1);
  await untilReplicas(api, where, 0);
});

test('50 concurrent requests are 5 pods of the Deployment, all 200, then none', async () => {
  const { place, gatewayUrl } = scene.flyball;
  const load = runLoad({ place, gatewayUrl, host, connections: 50, seconds: 12 });
  await untilReplicas(scene.api, where, 5);
  const { statuses, failures } = await load;
  expect(failures).toBe(0);
  expect(Object.keys(statuses)).toEqual(['200']);
  await untilReplicas(scene.api, where, 0);
});

test('its history is whole, and decides the same again', async () => {
  const history = await scene.history(name);
  expect(chainBreaks(history)).toEqual([]);
  expect(doubleIds(history)).toEqual([]);
  expect(ledgerOf(history)).toMatchObject({ refused: 0, lost: 0, waiting: 0, mistakes: [] });
  expect(decidedReplicas(history)).toContain(5);
  expect(decidedReplicas(history).at(-1)).toBe(0);
  const { place } = scene.flyball;
  const verified = await place.flyball('replay', 'verify', `${namespace}/${name}`);
  expect(verified).toMatchObject({ code: 0 });
});

test('whoever reaches NATS can ask why, without its data folder', async () => {
  const { place, stores } = scene.flyball;
  const words = ['explain', `${namespace}/${name}`, '--nats', stores.natsUrl, '-o', 'json'];
  const env = { FLYBALL_NATS_PASSWORD: stores.password };
  const { code, out, err } = await place.startAs([], words, env).ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toMatchObject({ namespace, name, decision: { to: 0 } });
  expect(out).not.toContain(stores.password);
});
