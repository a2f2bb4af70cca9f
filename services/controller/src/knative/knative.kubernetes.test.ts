/** Knative Services on a real API server, without Knative: pods really start and become ready. */
import { readFileSync } from 'node:fs';
import { connectCluster } from '@flyball/platform/kubernetes';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import type { CoreService, Deployment } from '../objects/cluster-object.ts';
import { type ClusterBed, startLoops } from '../testing/cluster-bed.ts';
import { openNamespace, type TestNamespace } from '../testing/cluster-namespace.ts';
import { customResources } from './kinds/kinds.ts';
import { knativeLoop } from './knative-loop.ts';
import type { KnativeRoute, KnativeService, PodAutoscaler } from './knative-service.ts';

const image = 'gcr.io/knative-samples/autoscale-go:0.1';
const access = connectCluster({ kubeconfig: inject('kubeconfig'), namespaces: [] });
const served = { apiVersion: 'serving.knative.dev/v1' };
let namespace: TestNamespace;
let bed: ClusterBed;

const serviceNamed = (name: string) => ({ ...served, kind: 'Service', name });
const deploymentNamed = (name: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name });
const coreService = (name: string) => ({ apiVersion: 'v1', kind: 'Service', name });
const autoscalerNamed = (name: string) => ({
  ...{ apiVersion: 'autoscaling.internal.knative.dev/v1alpha1', kind: 'PodAutoscaler', name },
});

const serviceOf = (name: string, spec: unknown) => ({
  ...served,
  kind: 'Service',
  metadata: { name },
  spec,
});
const templateWith = (annotations: Record<string, string>, container: object = {}) => ({
  template: { metadata: { annotations }, spec: { containers: [{ image, ...container }] } },
});

const statusOf = async (name: string) =>
  (await namespace.find<KnativeService>(serviceNamed(name)))?.status;
const readyOf = async (name: string): Promise<string> => {
  const conditions = (await statusOf(name))?.conditions ?? [];
  const { status = '', reason = '' } = conditions.find(({ type }) => type === 'Ready') ?? {};
  return `${status} ${reason}`.trim();
};
const untilReady = (name: string, readiness = 'True') =>
  expect.poll(() => readyOf(name), { timeout: 60_000 }).toBe(readiness);
const reachedBy = async (name: string) =>
  (await namespace.find<CoreService>(coreService(name)))?.metadata.annotations?.[
    'flyball.dev/deployment'
  ];
const annotationsOf = async (deployment: string) =>
  (await namespace.find<Deployment>(deploymentNamed(deployment)))?.metadata.annotations ?? {};

beforeAll(async () => {
  namespace = await openNamespace(access);
  bed = startLoops([knativeLoop], {
    kubeconfig: inject('kubeconfig'),
    env: { FLYBALL_NAMESPACES: namespace.name },
  });
});

afterAll(async () => {
  await bed[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await access.close();
});

test('the kinds are installed where there are none', async () => {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  for (const name of customResources.map(({ metadata }) => metadata.name)) {
    await expect
      .poll(() => access.request({ path: `${path}/${name}` }), { timeout: 30_000 })
      .toMatchObject({ metadata: { labels: { 'flyball.dev/served': 'true' } } });
  }
});

test.each([
  'scene-1.template.yaml',
  'scene-1.run-latest.yaml',
  'scene-2.template.yaml',
  'scene-2.run-latest.yaml',
])('%s becomes ready, with all that Knative has, and takes it along when it goes', async (file) => {
  const text = readFileSync(new URL(`../../../../samples/${file}`, import.meta.url), 'utf8');
  const { metadata, ...rest } = parse(text) as KnativeService;
  const apiVersion = rest.apiVersion;
  const path = `/apis/${apiVersion}/namespaces/${namespace.name}/services`;
  const body = { ...rest, metadata: { ...metadata, namespace: namespace.name } };
  // The kinds may have been made a moment ago; the server then knows some of their versions only.
  const create = () => access.request({ method: 'POST', path, body });
  await expect.poll(create, { timeout: 30_000, interval: 500 }).toBeTruthy();
  await untilReady('autoscale-go');
  const url = `http://autoscale-go.${namespace.name}.example.com`;
  expect(await statusOf('autoscale-go')).toMatchObject({
    url,
    latestCreatedRevisionName: 'autoscale-go-00001',
    latestReadyRevisionName: 'autoscale-go-00001',
  });
  const route = { ...served, kind: 'Route', name: 'autoscale-go' };
  await expect
    .poll(async () => (await namespace.find<KnativeRoute>(route))?.status)
    .toMatchObject({ url, traffic: [{ revisionName: 'autoscale-go-00001', percent: 100 }] });
  const autoscaler = autoscalerNamed('autoscale-go-00001');
  await expect
    .poll(async () => (await namespace.find<PodAutoscaler>(autoscaler))?.status)
    .toMatchObject({ desiredScale: 1, actualScale: 1 });
  const all = [
    deploymentNamed('autoscale-go-00001-deployment'),
    coreService('autoscale-go'),
    coreService('autoscale-go-00001-private'),
    ...[route, autoscaler],
  ];
  for (const what of all) expect(await namespace.find(what)).toBeDefined();
  await namespace.remove(serviceNamed('autoscale-go'));
  for (const what of all) {
    await expect.poll(() => namespace.find(what), { timeout: 60_000 }).toBeUndefined();
  }
});

test('a new template is a new revision, and traffic moves to it', async () => {
  await namespace.create(
    serviceOf('moves', templateWith({ 'autoscaling.knative.dev/target': '10' })),
  );
  await untilReady('moves');
  const changed = templateWith({ 'autoscaling.knative.dev/target': '20' });
  await namespace.patch(serviceNamed('moves'), { spec: changed });
  await expect.poll(() => reachedBy('moves'), { timeout: 60_000 }).toBe('moves-00002-deployment');
  await untilReady('moves');
  await expect
    .poll(() => annotationsOf('moves-00001-deployment'))
    .toMatchObject({ 'flyball.dev/reachable': 'false', 'autoscaling.knative.dev/target': '10' });
  expect(await annotationsOf('moves-00002-deployment')).not.toHaveProperty([
    'flyball.dev/reachable',
  ]);
  expect(await namespace.events('Service', 'moves')).toEqual(
    expect.arrayContaining(['TrafficMoved: Requests go to moves-00002 from now on.']),
  );
});

test('an edited PodAutoscaler reaches its Deployment, and no pod is rolled', async () => {
  const bounds = { 'autoscaling.knative.dev/minScale': '1' };
  await namespace.create(serviceOf('bounded', templateWith(bounds)));
  await untilReady('bounded');
  await namespace.patch(autoscalerNamed('bounded-00001'), {
    metadata: {
      annotations: {
        'autoscaling.knative.dev/minScale': null,
        'autoscaling.knative.dev/maxScale': '3',
      },
    },
  });
  await expect
    .poll(() => annotationsOf('bounded-00001-deployment'))
    .toMatchObject({ 'autoscaling.knative.dev/maxScale': '3' });
  expect(await annotationsOf('bounded-00001-deployment')).not.toHaveProperty([
    'autoscaling.knative.dev/minScale',
  ]);
  // Kubernetes counts here how often the pods' template changed.
  expect(await annotationsOf('bounded-00001-deployment')).toMatchObject({
    'deployment.kubernetes.io/revision': '1',
  });
});

test('at rest it makes no calls', async () => {
  let last = -1;
  const isQuiet = () => {
    const before = last;
    last = bed.calls.length;
    return before === last;
  };
  await expect.poll(isQuiet, { interval: 2_000, timeout: 30_000 }).toBe(true);
  const { length } = bed.calls;
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect(bed.calls.slice(length)).toEqual([]);
});

test('two that believe to own the same partition come to the same, and to rest', async () => {
  await using other = startLoops([knativeLoop], {
    kubeconfig: inject('kubeconfig'),
    env: { FLYBALL_NAMESPACES: namespace.name },
  });
  await namespace.create(serviceOf('doubled', templateWith({})));
  await untilReady('doubled');
  await namespace.patch(serviceNamed('doubled'), {
    spec: templateWith({ 'autoscaling.knative.dev/target': '7' }),
  });
  await expect
    .poll(() => reachedBy('doubled'), { timeout: 60_000 })
    .toBe('doubled-00002-deployment');
  await untilReady('doubled');
  const written = () => bed.writes.length + other.writes.length;
  let last = -1;
  const isQuiet = () => {
    const before = last;
    last = written();
    return before === last;
  };
  await expect.poll(isQuiet, { interval: 2_000, timeout: 30_000 }).toBe(true);
  expect(await namespace.find(deploymentNamed('doubled-00003-deployment'))).toBeUndefined();
});

test.each([
  ['no-image', { template: { spec: { containers: [{ name: 'app' }] } } }, 'ImageMissing'],
  [
    'bad-annotation',
    templateWith({ 'autoscaling.knative.dev/min-scale': 'x' }),
    'InvalidAnnotations',
  ],
  ['refused', templateWith({}, { name: 'NOT_A_NAME' }), 'Refused'],
])('%s is told in the status and as an Event', async (name, spec, reason) => {
  await namespace.create(serviceOf(name, spec));
  await untilReady(name, `False ${reason}`);
  await expect
    .poll(() => namespace.events('Service', name))
    .toEqual(expect.arrayContaining([expect.stringMatching(`^${reason}: `)]));
});

test('a pod that does not come up says why', async () => {
  const command = ['node', '--eval', 'process.exit(3)'];
  await namespace.create(serviceOf('crashes', templateWith({}, { command })));
  await untilReady('crashes', 'False CrashLoopBackOff');
  expect(await reachedBy('crashes')).toBe('crashes-00001-deployment');
});

test("somebody else's Service of the same name is left alone", async () => {
  const ports = [{ name: 'mine', port: 81 }];
  const metadata = { name: 'taken' };
  await namespace.create({ apiVersion: 'v1', kind: 'Service', metadata, spec: { ports } });
  await namespace.create(serviceOf('taken', templateWith({})));
  await untilReady('taken', 'False NotOwned');
  expect((await namespace.find<CoreService>(coreService('taken')))?.spec.ports).toMatchObject(
    ports,
  );
});

test('kubectl shows the columns that Knative has', async () => {
  const table = await access.request<{ columnDefinitions: { name: string }[] }>({
    path: `/apis/serving.knative.dev/v1/namespaces/${namespace.name}/services`,
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  });
  expect(table.columnDefinitions.map(({ name }) => name)).toEqual([
    ...['Name', 'URL', 'LatestCreated', 'LatestReady', 'Ready', 'Reason'],
  ]);
});
