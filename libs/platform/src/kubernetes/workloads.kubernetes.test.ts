/** What the platform shows of Deployments on a real API server, as people change them. */
import type { OutsideErrorCode } from '@flyball/contracts';
import { OutsideError, type WorkloadKey } from '@flyball/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { createView, type PlatformView } from '../contract-view.ts';
import type { Platform } from '../platform.ts';
import { connectCluster } from './cluster-access.ts';
import { createKubernetesPlatform } from './kubernetes-platform.ts';
import {
  type ClusterNamespace,
  freshName,
  openClusterNamespace,
} from './testing/cluster-namespace.ts';

const namespace = freshName('platform-workloads');
const web: WorkloadKey = `${namespace}/web`;
const enabled = 'flyball.dev/enabled';
const unscheduled = { unscheduled: true };

let cluster: ClusterNamespace;
beforeAll(async () => {
  cluster = await openClusterNamespace(inject('kubeconfig'), namespace);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

/** Calls that change something, as RBAC names them. */
let writes: string[] = [];
let platform: Platform;
let view: PlatformView;
beforeEach(async () => {
  writes = [];
  platform = createKubernetesPlatform({
    // Of all namespaces, as on a cluster: what others have is not theirs to see here.
    access: connectCluster({
      kubeconfig: inject('kubeconfig'),
      namespaces: [],
      onCall: (verb, resource) => {
        if (!['get', 'list', 'watch'].includes(verb)) writes.push(`${verb} ${resource}`);
      },
    }),
    optIn: 'annotated',
    ownNamespace: 'flyball-system',
    configNamespaces: [namespace],
    domain: 'example.com',
  });
  view = createView(platform);
  await view.until('the first listing', () => view.listings > 0);
});
afterEach(async () => {
  await view.end();
  await platform.close();
  for (const name of ['web', 'other']) await cluster.deleteDeployment(name);
  await cluster.until('no pods', async () => (await cluster.pods()).length === 0);
});

const path = `/api/v1/namespaces/${namespace}`;
const codeOf = (call: Promise<unknown>): Promise<OutsideErrorCode | undefined> =>
  call.then(
    () => undefined,
    (error: unknown) => (error instanceof OutsideError ? error.code : Promise.reject(error)),
  );
const scaleTo = async (replicas: number) => {
  const resourceVersion = view.workload(web)?.resourceVersion ?? '';
  return platform.scale({ workload: web, replicas, resourceVersion });
};
const appeared = () => view.until('the workload', () => view.workload(web) !== undefined);
const left = () => view.until('that it is left', () => view.workload(web) === undefined);

it('takes a Deployment in and leaves it as its annotation comes and goes', async () => {
  await cluster.createDeployment('web', 0, { annotations: {} });
  await cluster.createDeployment('other', 0);
  await view.until('another one', () => view.workload(`${namespace}/other`) !== undefined);
  expect(view.workload(web)).toBeUndefined();
  expect(await platform.get(web)).toBeUndefined();
  await cluster.edit('web', { metadata: { annotations: { [enabled]: 'true' } } });
  await appeared();
  // Told before it is told gone: it was not deleted.
  const ending = new AbortController();
  const optedOut = (async () => {
    for await (const change of platform.watch(ending.signal)) {
      if (change.kind !== 'workload' || change.workload.workload !== web) continue;
      if (change.workload.annotations[enabled] === 'false') return true;
    }
    return false;
  })();
  await cluster.edit('web', { metadata: { annotations: { [enabled]: null } } });
  await left();
  setTimeout(() => ending.abort(), 5_000).unref();
  expect(await optedOut).toBe(true);
  const asked = { workload: web, replicas: 1, resourceVersion: '1' };
  expect(await codeOf(platform.scale(asked))).toBe('PLATFORM_GONE');
  expect((await cluster.deployment('web')).spec?.replicas).toBe(0);
});

it('takes what its Namespace opts in, but what says false', async () => {
  const mark = (value: string | null) =>
    cluster.access.request({
      method: 'PATCH',
      path,
      body: { metadata: { labels: { [enabled]: value } } },
    });
  await cluster.createDeployment('web', 0, { annotations: {} });
  await cluster.createDeployment('other', 0, { annotations: { [enabled]: 'false' } });
  await mark('true');
  await appeared();
  expect(view.workload(`${namespace}/other`)).toBeUndefined();
  await mark(null);
  await left();
});

it('shows annotations of the template over the Deployment’s, and none of others', async () => {
  await cluster.createDeployment('web', 0, {
    ...unscheduled,
    annotations: {
      [enabled]: 'true',
      'autoscaling.knative.dev/target': '10',
      'autoscaling.knative.dev/max-scale': '5',
      'flyball.dev/container-concurrency': '7',
      'flyball.dev/status-desired': '3',
      'example.com/other': 'x',
    },
    templateAnnotations: { 'autoscaling.knative.dev/target': '20' },
  });
  await appeared();
  expect(view.workload(web)).toMatchObject({
    annotations: {
      [enabled]: 'true',
      'autoscaling.knative.dev/target': '20',
      'autoscaling.knative.dev/max-scale': '5',
      'flyball.dev/container-concurrency': '7',
    },
    containerConcurrency: 7,
    reachable: true,
  });
  expect(Object.keys(view.workload(web)?.annotations ?? {})).toHaveLength(4);
});

const isSettled = async (): Promise<boolean> => {
  const { metadata, spec, status } = await cluster.deployment('web');
  const wanted = spec?.replicas;
  return (
    status?.observedGeneration === metadata?.generation &&
    (status?.replicas ?? 0) === wanted &&
    (status?.readyReplicas ?? 0) === wanted
  );
};

it('scales in one call, and while pods move the version in not many more', async () => {
  await cluster.createDeployment('web', 0);
  await appeared();
  await cluster.until('a status', isSettled);
  writes = [];
  for (const replicas of [3, 1, 4, 0]) {
    await scaleTo(replicas);
    await view.until(`${replicas}`, () => view.workload(web)?.replicas === replicas);
    await cluster.until('all is as it is to be', isSettled);
  }
  // The last word of a status may come in the very moment: then the write is sent once more.
  expect(writes.length).toBeLessThanOrEqual(6);
  expect(new Set(writes)).toEqual(new Set(['patch deployments/scale']));
});

it('is not refused while the pods of one write meet the next one', async () => {
  await cluster.createDeployment('web', 0);
  await appeared();
  for (const replicas of [4, 1, 5, 2, 6, 0]) {
    await scaleTo(replicas);
    await view.until(`${replicas}`, () => view.workload(web)?.replicas === replicas);
    expect(view.workload(web)?.fieldManager).toBe('flyball-actuator');
  }
});

it('does not write what is there already', async () => {
  await cluster.createDeployment('web', 0, unscheduled);
  await appeared();
  await scaleTo(2);
  await view.until('2 replicas', () => view.workload(web)?.replicas === 2);
  writes = [];
  expect(await scaleTo(2)).toMatchObject({ from: 2 });
  expect(writes).toEqual([]);
});

it('a status written since is no conflict, replicas written and written back are one', async () => {
  await cluster.createDeployment('web', 1, unscheduled);
  await appeared();
  const { resourceVersion = '' } = view.workload(web) ?? {};
  await cluster.edit('web', { metadata: { annotations: { 'example.com/note': '1' } } });
  await cluster.until('a status', async () => {
    return (await cluster.deployment('web')).status?.observedGeneration !== undefined;
  });
  const request = { workload: web, replicas: 2, resourceVersion };
  const { resourceVersion: written } = await platform.scale(request);
  expect(await codeOf(platform.scale({ ...request, replicas: 3 }))).toBe('PLATFORM_CONFLICT');
  await cluster.writeReplicas('web', 9, 'kubectl');
  await cluster.writeReplicas('web', 2, 'kubectl');
  const stale = { workload: web, replicas: 3, resourceVersion: written };
  expect(await codeOf(platform.scale(stale))).toBe('PLATFORM_CONFLICT');
  expect((await cluster.deployment('web')).spec?.replicas).toBe(2);
});

it('names who wrote the replicas: by edit, by scale, by a HorizontalPodAutoscaler', async () => {
  await cluster.createDeployment('web', 1, unscheduled);
  await appeared();
  expect(view.workload(web)?.fieldManager).toBe('kubectl');
  await cluster.edit('web', { spec: { replicas: 2 } }, 'kubectl-edit');
  await view.until('the edit', () => view.workload(web)?.fieldManager === 'kubectl-edit');
  await scaleTo(3);
  await view.until('ours', () => view.workload(web)?.fieldManager === 'flyball-actuator');
  // Below its minimum an autoscaler needs no metrics to write.
  await cluster.access.request({
    method: 'POST',
    path: `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`,
    body: {
      metadata: { name: 'web' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 4,
        maxReplicas: 5,
      },
    },
  });
  const isTheirs = () => view.workload(web)?.fieldManager === 'kube-controller-manager';
  await cluster.until('the autoscaler wrote', async () => isTheirs());
  expect(view.workload(web)?.replicas).toBe(4);
  await cluster.access.request({
    method: 'DELETE',
    path: `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/web`,
  });
});

it('shows the pods of both ReplicaSets of a rollout, and of no impostor', async () => {
  await cluster.createDeployment('web', 2);
  await view.until('2 ready pods', () => view.pods(web).filter((pod) => pod.ready).length === 2);
  const before = new Set(view.pods(web).map(({ pod }) => pod));
  // It has every label of the Deployment's pods, and no owner.
  const [pod] = await cluster.pods();
  const impostor = { name: 'impostor', labels: { app: 'web' } };
  const spec = { ...pod?.spec, nodeName: undefined, schedulerName: 'nobody' };
  const container = { ...pod?.spec?.containers[0], volumeMounts: [] };
  await cluster.access.request({
    method: 'POST',
    path: `${path}/pods`,
    body: { metadata: impostor, spec: { ...spec, volumes: [], containers: [container] } },
  });
  const template = { metadata: { annotations: { rolled: 'out' } } };
  await cluster.edit('web', { spec: { template } });
  const isMixed = () =>
    view.pods(web).some(({ pod: name }) => before.has(name)) &&
    view.pods(web).some(({ pod: name }) => !before.has(name));
  await view.until('pods of both', isMixed);
  const isNew = () => {
    const ready = view.pods(web).filter((one) => one.ready && !before.has(one.pod));
    return ready.length === 2 && view.pods(web).length === 2;
  };
  await cluster.until('the new pods alone', async () => isNew());
  expect(view.history.some(({ pod: name }) => name === 'impostor')).toBe(false);
  await cluster.access.request({ method: 'DELETE', path: `${path}/pods/impostor` });
});

it('a Deployment that was deleted and made again is another one', async () => {
  await cluster.createDeployment('web', 1);
  await view.until('a pod', () => view.pods(web).some((pod) => pod.ready));
  const { uid = '', resourceVersion = '' } = view.workload(web) ?? {};
  const [old] = view.pods(web);
  await cluster.deleteDeployment('web');
  await cluster.createDeployment('web', 0);
  await view.until('another uid', () => ![uid, undefined].includes(view.workload(web)?.uid));
  expect(view.gone).toContain(web);
  expect(view.podsGone).toContain(old?.pod);
  const stale = { workload: web, replicas: 5, resourceVersion };
  expect(await codeOf(platform.scale(stale))).toBe('PLATFORM_CONFLICT');
  expect((await cluster.deployment('web')).spec?.replicas).toBe(0);
});
