/** A Knative Service gets new revisions under constant load: traffic moves, and nothing fails. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { until } from '../../e2e/harness/until.ts';
import { untilReplicas } from '../harness/deployment.ts';
import { openScene, type Scene } from '../harness/scene.ts';
import { followEndpoints } from '../harness/service-endpoints.ts';
import { startServiceLoad } from '../harness/service-load.ts';

const limitMs = 60_000;
const namespace = 'scene-revisions';
const name = 'shop';
const prefix = 'autoscaling.knative.dev';
const collection = `/apis/serving.knative.dev/v1/namespaces/${namespace}/services`;
const deploymentOf = (revision: number): string => `${name}-0000${revision}-deployment`;
const at = (revision: number) => ({ namespace, name: deploymentOf(revision), limitMs });

let scene: Scene;

/** Another word in its environment is another template, so another revision. */
const templateOf = (word: string, capacity: string) => ({
  metadata: {
    annotations: {
      [`${prefix}/min-scale`]: '2',
      [`${prefix}/target-burst-capacity`]: capacity,
    },
  },
  spec: {
    containers: [
      {
        image: 'gcr.io/knative-samples/autoscale-go:0.1',
        env: [{ name: 'WORD', value: word }],
        ports: [{ containerPort: 8080 }],
      },
    ],
  },
});

const publicDeployment = async (): Promise<string | undefined> => {
  const { metadata } = await scene.api.get(`/api/v1/namespaces/${namespace}/services/${name}`);
  return metadata.annotations['flyball.dev/deployment'];
};

beforeAll(async () => {
  scene = await openScene(namespace, {
    kubeconfig: inject('kubeconfig'),
    settingsOf: { controller: { FLYBALL_QUEUE_PROXY_IMAGE: 'flyball/queue-proxy:test' } },
  });
  const body = {
    ...{ apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name } },
    spec: { template: templateOf('one', '0') },
  };
  // The controller installs the kind where nobody has.
  await until('the Knative Service is created', { limitMs }, () =>
    scene.api.create(collection, body).catch((error: Error) => {
      if (!error.message.includes('404')) throw error;
      return undefined;
    }),
  );
  await untilReplicas(scene.api, at(1), 2);
});

afterAll(() => scene.close());

test.each([
  { revision: 2, way: 'pods', capacity: '0' },
  { revision: 3, way: 'activator', capacity: '-1' },
])('to revision $revision, which is asked through the $way', async ({ revision, capacity }) => {
  const endpoints = await followEndpoints(scene.api, { namespace, name, portName: 'http' });
  const host = `${name}.${namespace}.example.com`;
  const load = startServiceLoad({ endpoints, host, path: '/', clients: 8, pauseMs: 10 });
  await until('it is answered', { limitMs }, () => load.answered() > 100);
  await scene.api.patch(`${collection}/${name}`, {
    spec: { template: templateOf(`word ${revision}`, capacity) },
  });
  const seen = publicDeployment;
  await until('traffic moves', { limitMs, seen }, async () => {
    return (await publicDeployment()) === deploymentOf(revision);
  });
  await untilReplicas(scene.api, at(revision), 2);
  // Nothing leads to the one before any more: it goes by its own policy.
  await untilReplicas(scene.api, at(revision - 1), 0);
  const before = load.answered();
  await until('it goes on', { limitMs }, () => load.answered() > before + 200);
  const { failures, failed, statuses } = await load.stop();
  expect({ failures, failed, statuses: Object.keys(statuses) }).toEqual({
    ...{ failures: 0, failed: [] },
    statuses: ['200'],
  });
  expect(endpoints.emptied()).toBe(0);
  await endpoints[Symbol.asyncDispose]();
});
