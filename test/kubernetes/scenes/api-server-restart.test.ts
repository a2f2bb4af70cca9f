/** The API server is killed in the middle and comes back: no request and no replica is lost. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { chainBreaks } from '../../e2e/harness/judges.ts';
import { startLoad } from '../../e2e/harness/load.ts';
import { dataOf } from '../../e2e/harness/reading.ts';
import { until } from '../../e2e/harness/until.ts';
import { type Cluster, startCluster } from '../cluster/start-cluster.ts';
import { createDeployment, untilReplicas } from '../harness/deployment.ts';
import { openScene, type Scene } from '../harness/scene.ts';

const limitMs = 90_000;
const namespace = 'scene-restart';
const name = 'web';
const host = `${name}.${namespace}.example.com`;
const where = { namespace, name, limitMs };
/** Longer than a tick and than every delay of the short settings. */
const awayMs = 4_000;

/** One of our own: the others' tests need theirs. */
const elsewhere = inject('clusterKind') !== 'own';
let [folder, cluster, scene]: [string?, Cluster?, Scene?] = [];

beforeAll(async () => {
  if (elsewhere) return;
  folder = await mkdtemp(join(tmpdir(), 'flyball-restart-'));
  cluster = await startCluster({ folder });
  scene = await openScene(namespace, { kubeconfig: cluster.kubeconfig, asInstalled: true });
  const annotations = { 'autoscaling.knative.dev/target': '10' };
  await createDeployment(scene.api, { namespace, name, annotations });
});

afterAll(async () => {
  await scene?.flyball.stop();
  await scene?.api.close();
  await cluster?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

test('requests go on while it is away, and scaling goes on when it is back', async ({ skip }) => {
  if (cluster === undefined || scene === undefined) return skip('needs a cluster of our own');
  const { api, flyball } = scene;
  const { place, gatewayUrl } = flyball;
  const loadOf = (connections: number) => startLoad({ place, gatewayUrl, host, connections });
  const load = loadOf(30);
  await untilReplicas(api, where, 3);

  await cluster.controlPlane.kill('kube-apiserver');
  const seen = () => scene?.history(name);
  await until('it is missed', { limitMs, seen }, async () => {
    return dataOf((await seen()) ?? [], 'platform-unseen').length > 0;
  });
  await new Promise((resolve) => setTimeout(resolve, awayMs));
  await cluster.controlPlane.start('kube-apiserver');
  await until('it is seen again', { limitMs, seen }, async () => {
    return dataOf((await seen()) ?? [], 'platform-seen').length > 0;
  });
  await untilReplicas(api, where, 3);

  const more = loadOf(20);
  await untilReplicas(api, where, 5);
  const [{ failures, statuses }, { failures: moreFailures }] = [
    await load.stop(),
    await more.stop(),
  ];
  expect({ failures, moreFailures, statuses: Object.keys(statuses) }).toEqual({
    ...{ failures: 0, moreFailures: 0, statuses: ['200'] },
  });
  await untilReplicas(api, where, 0);
});

test('while it was away nothing was decided to move the replicas', async ({ skip }) => {
  if (scene === undefined) return skip('needs a cluster of our own');
  const history = await scene.history(name);
  expect(chainBreaks(history)).toEqual([]);
  const from = history.findIndex(({ type }) => type.includes('platform-unseen'));
  const to = history.findIndex(({ type }) => type.includes('platform-seen'));
  const decided = dataOf(history.slice(from, to), 'decided');
  expect(decided.filter((decision) => decision.from !== decision.to)).toEqual([]);
  const { place } = scene.flyball;
  const verified = await place.flyball('replay', 'verify', `${namespace}/${name}`);
  expect(verified).toMatchObject({ code: 0 });
});
