/** The doctor on a real API server: each finding, its mending, and rights that are missing. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type ClusterAccess, connectCluster } from '@flyball/platform/kubernetes';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { listResource } from '../../cluster/list-resource.ts';
import {
  autoscalers,
  deployments,
  endpointSlices,
  namespaces,
  objectPath,
  services,
} from '../../cluster/resources.ts';
import { placeObjects } from '../../install/place-objects.ts';
import { readRendered } from '../../install/rendered-objects.ts';
import {
  type ClusterNamespace,
  cpuAutoscaler,
  emptyDeployment,
  openClusterNamespace,
  selectingService,
} from '../../testing/cluster-namespace.ts';
import { writeFiles } from '../../testing/written-files.ts';
import type { Check } from '../check.ts';
import { checkCluster } from './check-cluster.ts';

const run = promisify(execFile);
const kubeconfig = inject('kubeconfig');
const access = connectCluster({ kubeconfig, namespaces: [] });
const enabled = { 'flyball.dev/enabled': 'true' };
let scene: ClusterNamespace;

beforeAll(async () => {
  scene = await openClusterNamespace(access);
});

afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  await access.close();
});

/** What is said about the scene: the cluster is shared with other tests. */
const findings = async (word = scene.name): Promise<readonly Check[]> =>
  (await checkCluster(access)).filter(({ ok, found }) => !ok && found.includes(word));

const mend = async ({ mend: command }: Check): Promise<void> => {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, KUBECONFIG: kubeconfig };
  await run('/bin/sh', ['-e', '-c', command ?? ''], { env, timeout: 60_000 });
};

test('an HPA, a GitOps tool, a Service and class hpa are found, and can be mended', async () => {
  await scene.create(emptyDeployment('web', enabled), 'argocd-controller');
  await scene.create(cpuAutoscaler('web'));
  await scene.create(selectingService('web'));
  const found = await findings();
  expect(found.map(({ part, needed }) => [part, needed])).toEqual([
    ['other autoscalers', true],
    ['owners of replicas', true],
    ['Services', false],
  ]);
  expect(found[1]?.found).toContain('Argo CD (argocd-controller) owns spec.replicas');

  await access.request({
    method: 'DELETE',
    path: objectPath(autoscalers, scene.name, 'web'),
  });
  // As the actuator writes: whoever changes the number takes the field.
  await access.request({
    method: 'PATCH',
    path: `${objectPath(deployments, scene.name, 'web')}/scale?fieldManager=flyball-actuator`,
    body: { spec: { replicas: 1 } },
  });
  expect((await findings()).map(({ part }) => part)).toEqual(['Services']);
});

test('EndpointSlices that stay without the selector are found; the command mends it', async () => {
  await scene.create(emptyDeployment('kept', enabled));
  await scene.create(selectingService('kept'));
  const slices = async () =>
    (await listResource(access, endpointSlices, scene.name)).filter((slice) =>
      JSON.stringify(slice).includes('"kubernetes.io/service-name":"kept"'),
    ).length;
  await expect.poll(slices).toBeGreaterThan(0);
  const annotations = { 'flyball.dev/deployment': 'kept' };
  await scene.patch(services, 'kept', { metadata: { annotations }, spec: { selector: null } });
  const [leftover] = await findings(`Service ${scene.name}/kept lead`);
  expect(leftover).toMatchObject({ part: 'Services', needed: true });
  if (leftover !== undefined) await mend(leftover);
  await expect.poll(slices).toBe(0);
  expect(await findings('/kept')).toEqual([]);
});

test('class hpa without a metrics API is found', async ({ skip }) => {
  const { groups } = await access.request<{ groups: { name: string }[] }>({ path: '/apis' });
  skip(
    groups.some(({ name }) => name === 'metrics.k8s.io'),
    'the cluster has a metrics API',
  );
  const annotations = {
    ...enabled,
    'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev',
  };
  await scene.create(emptyDeployment('aaa', annotations));
  const [finding] = (await checkCluster(access)).filter(({ part }) => part === 'metrics API');
  expect(finding).toMatchObject({ ok: false, needed: false });
  expect(finding?.found).toContain('metrics.k8s.io is not there');
});

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The roles of the manifests under names of their own, for the service accounts of a namespace. */
const rolesFor = async (namespace: string) => {
  const choices = {
    ...({ overlay: 'production', images: 'flyball', domain: 'example.com' } as const),
    ...({ optIn: 'annotated', knativeServices: 'install' } as const),
    ...{ namespaces: [], namespace },
  };
  const objects = placeObjects(await readRendered('production'), choices);
  const text = JSON.stringify(
    objects.filter((object) => /"kind":"(Cluster)?Role(Binding)?"/.test(JSON.stringify(object))),
  );
  const roles: Role[] = JSON.parse(text.replaceAll('"name":"flyball-', `"name":"${namespace}-`));
  const there = await listResource(access, namespaces, '');
  const names = there.map(({ metadata }) => (metadata as { name: string }).name);
  return roles.filter(({ metadata }) => names.includes(metadata.namespace ?? namespace));
};

const rbac = '/apis/rbac.authorization.k8s.io/v1';

const rolesPath = ({ kind, metadata }: Role): string => {
  const { namespace } = metadata;
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${rbac}${within}/${kind.toLowerCase()}s`;
};

test('rights that are missing are found, and those of the manifests are enough', async () => {
  await using system = await openClusterNamespace(access);
  const labels = { 'app.kubernetes.io/part-of': 'flyball', 'flyball.dev/kind': 'service' };
  for (const name of ['watcher', 'actuator', 'controller']) {
    const deployment = emptyDeployment(name);
    const metadata = { ...deployment.metadata, labels };
    await system.create({ ...deployment, metadata });
  }
  const rights = async () => (await checkCluster(access)).filter(({ part }) => part === 'rights');
  const [own] = (await checkCluster(access)).filter(({ part }) => part === 'Flyball');
  expect(own).toMatchObject({ ok: false, needed: true });
  expect(own?.found).toMatch(/without an available pod: .*watcher/);
  const missing = await rights();
  expect(missing.map(({ ok }) => ok)).toEqual([false, false, false]);
  expect(missing.map(({ found }) => found).join('\n')).toMatch(/actuator may not .*list /);
  const roles = await rolesFor(system.name);
  try {
    for (const role of roles) {
      await access.request({ method: 'POST', path: rolesPath(role), body: role });
    }
    await expect.poll(rights).toMatchObject([{ ok: true }]);
  } finally {
    for (const role of roles) {
      const path = `${rolesPath(role)}/${role.metadata.name}`;
      await access.request({ method: 'DELETE', path });
    }
  }
});

interface Powerless {
  readonly powerless: ClusterAccess;
  readonly end: () => Promise<void>;
}

/** A connection as a service account that may do nothing. */
const connectPowerless = async (): Promise<Powerless> => {
  const accounts = `/api/v1/namespaces/${scene.name}/serviceaccounts`;
  const body = { metadata: { name: 'powerless' } };
  await access.request({ method: 'POST', path: accounts, body });
  const { status } = await access.request<{ status: { token: string } }>({
    ...{ method: 'POST', path: `${accounts}/powerless/token` },
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  });
  const { stdout } = await run('kubectl', ['config', 'view', '--raw', '--output', 'json'], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', KUBECONFIG: kubeconfig },
  });
  const config = JSON.parse(stdout);
  const users = [{ name: 'powerless', user: { token: status.token } }];
  const context = { ...config.contexts[0].context, user: 'powerless' };
  const contexts = [{ name: 'powerless', context }];
  const changed = { ...config, users, contexts, 'current-context': 'powerless' };
  const files = await writeFiles({ kubeconfig: stringify(changed) });
  const powerless = connectCluster({ kubeconfig: files.pathOf('kubeconfig'), namespaces: [] });
  return {
    powerless,
    end: async () => {
      await powerless.close();
      await files[Symbol.asyncDispose]();
    },
  };
};

test('who may see nothing is told so, and nothing is invented', async () => {
  const { powerless, end } = await connectPowerless();
  try {
    const checks = await checkCluster(powerless);
    const unseen = checks.filter(({ part }) => part === 'sight').map(({ found }) => found);
    expect(unseen).toContainEqual(expect.stringContaining('deployments'));
    expect(checks).toContainEqual(
      expect.objectContaining({ part: 'Flyball', found: expect.stringContaining('you may not') }),
    );
    expect(checks.filter(({ ok, needed }) => needed && !ok)).toEqual([]);
  } finally {
    await end();
  }
});
