/** The articles' files and commands, verbatim, on a cluster without Knative. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ask } from '../../e2e/harness/ask.ts';
import { runLoad, startLoad } from '../../e2e/harness/load.ts';
import { dataOf } from '../../e2e/harness/reading.ts';
import { until } from '../../e2e/harness/until.ts';
import { untilReplicas } from '../harness/deployment.ts';
import { openScene, type Scene } from '../harness/scene.ts';
import { repositoryRoot } from '../node/commands.ts';

const limitMs = 60_000;
const service = 'autoscale-go';
const host = `${service}.default.example.com`;
const samples = join(repositoryRoot, 'samples');
const revision = (number: number) => ({
  ...{ namespace: 'default', limitMs },
  name: `${service}-0000${number}-deployment`,
});

let scene: Scene;

beforeAll(async () => {
  const kubeconfig = inject('kubeconfig');
  const controller = { FLYBALL_QUEUE_PROXY_IMAGE: 'flyball/queue-proxy:test' };
  scene = await openScene('default', {
    ...{ kubeconfig, asInstalled: true, settingsNamespace: 'knative-serving' },
    settingsOf: { controller },
  });
});

afterAll(async () => {
  await scene.kubectl('delete', 'ksvc', '--all', '--wait=false');
  await scene.close();
});

const kubectl = (text: string): Promise<string> => scene.kubectl(...text.split(' '));

/** Until `kubectl create` knows the kind: our own kinds are installed by the controller. */
const create = (file: string): Promise<string> =>
  until(`${file} is created`, { limitMs }, () =>
    kubectl(`create -f ${join(samples, file)}`).catch((error: Error) => {
      if (!/no matches for kind|could not find the requested/.test(error.message)) throw error;
      return undefined;
    }),
  );

const ready = 'get ksvc autoscale-go -o jsonpath={.status.conditions[?(@.type=="Ready")].status}';

const untilReady = (): Promise<unknown> => {
  const seen = () => kubectl('get ksvc autoscale-go -o yaml');
  return until('the Service is ready', { limitMs, seen }, async () => {
    return (await kubectl(ready).catch(() => '')) === 'True';
  });
};

const removed = async (): Promise<void> => {
  await kubectl(`delete ksvc ${service}`);
  const left = async () =>
    (await scene.api.list(`/apis/apps/v1/namespaces/default/deployments`)).items;
  await until('nothing of it is left', { limitMs, seen: left }, async () => {
    return (await left()).length === 0;
  });
};

const loadOptions = (connections: number) => {
  const { place, gatewayUrl } = scene.flyball;
  return { place, gatewayUrl, host, connections };
};

test.each([
  ['scene-1.run-latest.yaml', 12],
  ['scene-1.template.yaml', 6],
])('%s: 50 concurrent requests are 5 pods, all 200, then none', async (file, seconds) => {
  await create(file);
  await untilReady();
  const url = () => kubectl(`get route ${service} --output jsonpath={.status.url}`);
  await until('the Route has its URL', { limitMs, seen: url }, async () => (await url()) !== '');
  expect(await url()).toBe(`http://${host}`);
  const load = runLoad({ ...loadOptions(50), seconds });
  await untilReplicas(scene.api, revision(1), 5);
  const { statuses, failures } = await load;
  expect({ failures, statuses: Object.keys(statuses) }).toEqual({
    failures: 0,
    statuses: ['200'],
  });
  await untilReplicas(scene.api, revision(1), 0);
  await removed();
});

test.each([['scene-2.run-latest.yaml'], ['scene-2.template.yaml']])(
  '%s: never fewer than 1, never more than 3',
  async (file) => {
    await create(file);
    await untilReplicas(scene.api, revision(1), 1);
    const load = startLoad(loadOptions(50));
    await untilReplicas(scene.api, revision(1), 3);
    const { failures, statuses } = await load.stop();
    expect({ failures, statuses: Object.keys(statuses) }).toEqual({
      failures: 0,
      statuses: ['200'],
    });
    await untilReplicas(scene.api, revision(1), 1);
    await removed();
  },
);

test('kubectl finds the settings where Knative has them', async () => {
  const settings = await kubectl('-n knative-serving get cm config-autoscaler -o yaml');
  expect(settings).toContain('container-concurrency-target-percentage: "1.0"');
});

test('kubectl get ksvc has the columns, and the pods of it have a queue-proxy', async () => {
  await create('scene-2.template.yaml');
  await untilReady();
  const table = await kubectl('get ksvc');
  expect(table).toMatch(/^NAME +URL +LATESTCREATED +LATESTREADY +READY +REASON\n/);
  expect(table).toMatch(
    new RegExp(`${service} +http://${host} +${service}-00001 +${service}-00001 +True`),
  );
  await untilReplicas(scene.api, revision(1), 1);
  const names = await kubectl('get pods -o jsonpath={.items[*].spec.containers[*].name}');
  expect(names.split(' ')).toContain('queue-proxy');
});

test('kubectl edit podautoscaler: bounds changed there count', async () => {
  const editor = join(scene.flyball.place.folder, 'editor.sh');
  await writeFile(editor, '#!/bin/sh\nsed -i \'s/minScale: "1"/minScale: "2"/\' "$1"\n');
  await chmod(editor, 0o700);
  const { kubectlWith } = scene;
  const edited = await kubectlWith({ KUBE_EDITOR: editor })(
    'edit',
    'podautoscaler',
    `${service}-00001`,
  );
  expect(edited).toContain('edited');
  await untilReplicas(scene.api, revision(1), 2);
  const layers = dataOf(await scene.history(revision(1).name), 'policy-set').at(-1)?.policy;
  expect(layers).toMatchObject({ minScale: 2, maxScale: 3 });
});

test('another template is another revision, and no request fails while traffic moves', async () => {
  const load = startLoad(loadOptions(5));
  const env = [{ name: 'CHANGED', value: 'yes' }];
  const container = { image: 'gcr.io/knative-samples/autoscale-go:0.1', env };
  const patch = JSON.stringify({ spec: { template: { spec: { containers: [container] } } } });
  await scene.kubectl('patch', 'ksvc', service, '--type', 'merge', '--patch', patch);
  const latest = () => kubectl(`get ksvc ${service} -o jsonpath={.status.latestReadyRevisionName}`);
  const seen = () => kubectl('get ksvc,deployments,pods -o yaml');
  await until('the second revision is ready', { limitMs, seen }, async () => {
    return (await latest()) === `${service}-00002`;
  });
  const { failures, statuses } = await load.stop();
  expect({ failures, statuses: Object.keys(statuses) }).toEqual({ failures: 0, statuses: ['200'] });
  expect((await ask(scene.flyball.gatewayUrl, host)).status).toBe(200);
  await untilReplicas(scene.api, revision(2), 1);
  await removed();
});
