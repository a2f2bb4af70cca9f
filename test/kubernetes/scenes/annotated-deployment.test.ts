/** An annotated Deployment on a real API server: from zero to what the load needs, and back. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { askGateway } from '../../e2e/harness/ask.ts';
import { chainBreaks, doubleIds } from '../../e2e/harness/judges.ts';
import { runLoad } from '../../e2e/harness/load.ts';
import { decidedReplicas, historyOf } from '../../e2e/harness/reading.ts';
import { type ApiClient, connectApi } from '../api/api-client.ts';
import {
  countsOf,
  deploymentObject,
  deploymentsPath,
  untilReplicas,
} from '../harness/deployment.ts';
import { type Flyball, startFlyball } from '../harness/flyball.ts';

const limitMs = 60_000;
const namespace = 'scene-annotated';
const name = 'web';
const host = `${name}.${namespace}.example.com`;
const where = { namespace, name, limitMs };

let api: ApiClient;
let flyball: Flyball;

beforeAll(async () => {
  const kubeconfig = inject('kubeconfig');
  api = await connectApi(kubeconfig);
  await api.create('/api/v1/namespaces', { metadata: { name: namespace } });
  flyball = await startFlyball({ kubeconfig, namespaces: [namespace] });
  const annotations = { 'autoscaling.knative.dev/target': '10' };
  await api.create(deploymentsPath(namespace), deploymentObject({ ...where, annotations }));
});

afterAll(async () => {
  await flyball.stop();
  await api.delete(`/api/v1/namespaces/${namespace}`);
  await api.close();
});

test('the first request at zero is held, answered by a new pod, and zero comes back', async () => {
  expect((await countsOf(api, namespace, name)).wanted).toBe(0);
  const answer = await askGateway(flyball.gatewayUrl, host, { limitMs });
  expect(answer.status).toBe(200);
  await untilReplicas(api, where, 1);
  await untilReplicas(api, where, 0);
});

test('50 concurrent requests are 5 pods of the Deployment, all 200, then none', async () => {
  const { place, gatewayUrl } = flyball;
  const load = runLoad({ place, gatewayUrl, host, connections: 50, seconds: 12 });
  await untilReplicas(api, where, 5);
  const { statuses, failures } = await load;
  expect(failures).toBe(0);
  expect(Object.keys(statuses)).toEqual(['200']);
  await untilReplicas(api, where, 0);
});

test('its history is whole, and decides the same again', async () => {
  const history = await historyOf(flyball.place, `${namespace}/${name}`);
  expect(chainBreaks(history)).toEqual([]);
  expect(doubleIds(history)).toEqual([]);
  expect(decidedReplicas(history).at(-1)).toBe(0);
  const verified = await flyball.place.flyball('replay', 'verify', `${namespace}/${name}`);
  expect(verified).toMatchObject({ code: 0 });
});
