/** `import` on a real API server: what it changes, what its script changes, and when nothing. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { OutsideError } from '@flyball/contracts';
import { connectCluster } from '@flyball/platform/kubernetes';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { listResource } from '../cluster/list-resource.ts';
import {
  autoscalers,
  deployments,
  endpointSlices,
  httpScaledObjects,
  services,
} from '../cluster/resources.ts';
import { translate } from '../import/translate.ts';
import { captureTerminal } from '../testing/captured-terminal.ts';
import {
  type ClusterNamespace,
  cpuAutoscaler,
  emptyDeployment,
  openClusterNamespace,
  selectingService,
} from '../testing/cluster-namespace.ts';
import { knativeService } from '../testing/foreign-objects.ts';
import { inputOf } from '../testing/written-files.ts';
import { type ImportOptions, importObjects } from './import.ts';

const run = promisify(execFile);
const kubeconfig = inject('kubeconfig');
const access = connectCluster({ kubeconfig, namespaces: [] });
const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** KEDA's kind without KEDA. */
const crd = {
  ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
  metadata: { name: 'httpscaledobjects.http.keda.sh' },
  spec: {
    group: 'http.keda.sh',
    scope: 'Namespaced',
    names: { kind: 'HTTPScaledObject', plural: 'httpscaledobjects', singular: 'httpscaledobject' },
    versions: [
      {
        ...{ name: 'v1alpha1', served: true, storage: true },
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
};

const httpScaledObject = {
  ...{ apiVersion: 'http.keda.sh/v1alpha1', kind: 'HTTPScaledObject', metadata: { name: 'web' } },
  spec: {
    hosts: ['web.example.com'],
    scaleTargetRef: { name: 'web', service: 'web', port: 80 },
    replicas: { max: 7 },
  },
};

const slicesOf = async (namespace: string): Promise<number> =>
  (await listResource(access, endpointSlices, namespace)).length;

/** A Deployment with KEDA and a Service, and one with an HPA. */
const openScene = async (): Promise<ClusterNamespace> => {
  const scene = await openClusterNamespace(access);
  await scene.create(emptyDeployment('web'));
  await scene.create(selectingService('web'));
  await expect.poll(() => scene.create(httpScaledObject).then(() => true, String)).toBe(true);
  await scene.create(emptyDeployment('api'));
  await scene.create(cpuAutoscaler('api'));
  await expect.poll(() => slicesOf(scene.name)).toBe(1);
  return scene;
};

const runImport = async (namespace: string, options: Partial<ImportOptions> = {}) => {
  const terminal = captureTerminal();
  const code = await importObjects(
    { terminal, input: inputOf() },
    {
      ...{ file: [], namespace, allNamespaces: false, kubeconfig, apply: false, output: 'text' },
      ...options,
    },
  );
  return { code, script: terminal.lines.join('\n'), notes: terminal.notes.join('\n') };
};

const expectDone = async (scene: ClusterNamespace): Promise<void> => {
  expect(await scene.find(deployments, 'web')).toMatchObject({
    metadata: {
      annotations: { 'flyball.dev/enabled': 'true', 'autoscaling.knative.dev/max-scale': '7' },
    },
  });
  expect(await scene.find(deployments, 'api')).toMatchObject({
    metadata: {
      annotations: { 'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev' },
    },
  });
  expect(await scene.find(autoscalers, 'api')).toBeUndefined();
  const service = await scene.find(services, 'web');
  expect(service).toMatchObject({
    metadata: {
      annotations: { 'flyball.dev/deployment': 'web', 'flyball.dev/hosts': 'web.example.com' },
    },
  });
  expect((service as { spec: object }).spec).not.toHaveProperty('selector');
  // Nobody is cut off: what was kept for the selector goes when there is something in its place.
  expect(await slicesOf(scene.name)).toBeGreaterThan(0);
  expect(await scene.find(httpScaledObjects, 'web')).toMatchObject({
    metadata: { annotations: { 'autoscaling.keda.sh/paused': 'true' } },
  });
};

beforeAll(async () => {
  // Other tests use it as well: it stays.
  await access.request({ method: 'POST', path: crdPath, body: crd }).catch((error: unknown) => {
    if (!(error instanceof OutsideError) || error.code !== 'PLATFORM_CONFLICT') throw error;
  });
});

afterAll(() => access.close());

test('changes nothing by itself, and with --apply all that nobody has to judge', async () => {
  await using scene = await openScene();
  const looked = await runImport(scene.name);
  expect(looked).toMatchObject({ code: 0, notes: expect.stringContaining('Nothing was changed.') });
  for (const kind of [deployments, services, httpScaledObjects]) {
    const objects = JSON.stringify(await listResource(access, kind, scene.name));
    expect(objects).not.toMatch(/"manager":"flyball-/);
  }
  expect(await scene.find(autoscalers, 'api')).toBeDefined();

  const applied = await runImport(scene.name, { apply: true });
  expect(applied).toMatchObject({ code: 0, notes: expect.stringContaining('left to you') });
  await expectDone(scene);

  const again = await runImport(scene.name, { apply: true });
  expect(again.code).toBe(0);
  await expectDone(scene);
});

test('its script does the same', async () => {
  await using scene = await openScene();
  const { script } = await runImport(scene.name);
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, KUBECONFIG: kubeconfig };
  await run('/bin/sh', ['-e', '-c', script], { env, timeout: 120_000 });
  await expectDone(scene);
});

test('what it makes of a Knative Service is taken by the API server', async () => {
  await using scene = await openClusterNamespace(access);
  const [translation] = translate([
    knativeService({
      spec: {
        containerConcurrency: 10,
        containers: [
          { image: 'example.com/hello:1', readinessProbe: { httpGet: { path: '/', port: 0 } } },
        ],
      },
    }),
  ]);
  for (const step of translation?.steps ?? []) {
    if (step.action !== 'create') continue;
    const { apiVersion, kind } = step.object;
    const metadata = { ...(step.manifest.metadata as object), namespace: scene.name };
    await scene.create({ ...step.manifest, apiVersion, kind, metadata });
  }
  expect(await scene.find(deployments, 'hello')).toMatchObject({ kind: 'Deployment' });
  expect(await scene.find(services, 'hello')).toMatchObject({ kind: 'Service' });
});

test('a namespace without anything to import is told', async () => {
  await using scene = await openClusterNamespace(access);
  expect(await runImport(scene.name)).toMatchObject({
    code: 1,
    notes: 'There is nothing to import.',
  });
});
