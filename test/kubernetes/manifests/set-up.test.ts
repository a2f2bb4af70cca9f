/** The set-up's Job, with its own account, and NATS as three servers: from nothing to streams. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsUsers } from '@flyball/contracts';
import { freePort } from '@flyball/event-log/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { until } from '../../e2e/harness/until.ts';
import { type Bundles, makeBundles, runBundle } from '../../integration/images/bundled-process.ts';
import { environmentOf } from '../../manifests/container-environment.ts';
import { renderedText, servicesOf } from '../../manifests/rendered-overlay.ts';
import { type ApiClient, connectApi, isStale } from '../api/api-client.ts';
import type { PartProcess } from '../control-plane/part-process.ts';
import { actAs } from './account.ts';
import { applyObject, placeRendered } from './apply-objects.ts';
import { startNatsServers } from './nats-servers.ts';

const limitMs = 60_000;
const exitOutside = 69;
const system = 'manifests-set-up';
const objects = placeRendered(renderedText('production'), { system, serving: `${system}-serving` });
const secrets = `/api/v1/namespaces/${system}/secrets`;

let folder: string;
let api: ApiClient;
let bundles: Bundles;
let ports: readonly number[];
let env: Record<string, string>;
let servers: readonly PartProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flyball-set-up-'));
  bundles = await makeBundles('set-up');
  api = await connectApi(inject('kubeconfig'));
  const needed = ['Namespace', 'ServiceAccount', 'Role', 'RoleBinding'];
  for (const object of objects.filter(({ kind }) => needed.includes(kind))) {
    if (object.metadata.namespace !== `${system}-serving`) await applyObject(api, object);
  }
  const place = { api, kubeconfig: inject('kubeconfig'), folder };
  const container = servicesOf(objects).get('set-up');
  if (container === undefined) throw new Error('The manifests have no set-up.');
  ports = await Promise.all([freePort(), freePort(), freePort()]);
  env = {
    ...environmentOf(container, { fields: {}, secret: () => ({}) }),
    FLYBALL_KUBECONFIG: await actAs({ namespace: system, name: 'set-up' }, place),
    FLYBALL_SECRETS_NAMESPACE: system,
    FLYBALL_NATS_URL: ports.map((port) => `nats://127.0.0.1:${port}`).join(','),
  };
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  for (const name of [system, `${system}-serving`]) {
    await api.delete(`/api/v1/namespaces/${name}`);
  }
  await api.close();
  await bundles[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

const secretNamed = async (name: string): Promise<Record<string, string> | undefined> => {
  try {
    const { data } = (await api.get(`${secrets}/${name}`)) as { data?: Record<string, string> };
    const entries = Object.entries(data ?? {});
    return Object.fromEntries(
      entries.map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
    );
  } catch (error) {
    if (isStale(error)) return undefined;
    throw error;
  }
};

const untilSecret = (name: string): Promise<Record<string, string>> =>
  until(`there is a Secret ${name}`, { limitMs }, () => secretNamed(name));

test('it makes the passwords, NATS comes up with them, and gets its streams', async () => {
  await using job = runBundle(bundles, 'set-up', env);
  const users = await untilSecret('nats-users');
  const redis = await untilSecret('redis-password');
  expect(Object.keys(users).sort()).toEqual([...natsUsers, 'routes'].sort());
  expect(redis['requirepass.conf']).toBe(`requirepass ${redis.password}\n`);

  servers = await startNatsServers({ objects, folder, users, ports });
  expect(await job.ended).toBe(0);

  const nats = await connect({
    ...{ servers: env.FLYBALL_NATS_URL?.split(',') ?? [], user: 'admin' },
    pass: users.admin ?? '',
  });
  const manager = await jetstreamManager(nats);
  const streams = await manager.streams.list().next();
  await nats.close();
  const copies = Object.fromEntries(
    streams.map(({ config }) => [config.name, config.num_replicas]),
  );
  expect(copies).toEqual({
    ...{ EVENTS: 3, SAMPLES: 3, MINUTES: 3, DEADLETTERS: 3 },
    ...{ KV_leases: 3, KV_snapshots: 3 },
  });
});

test('run again, it changes nothing', async () => {
  const before = await api.get(`${secrets}/nats-users`);
  await using job = runBundle(bundles, 'set-up', env);
  expect(await job.ended).toBe(0);
  expect(await api.get(`${secrets}/nats-users`)).toEqual(before);
});

test('a password that is missing is added, and one that cannot be used is told', async () => {
  const before = await secretNamed('nats-users');
  await api.patch(`${secrets}/nats-users`, { data: { windower: null } });
  await using job = runBundle(bundles, 'set-up', env);
  expect(await job.ended).toBe(0);
  const after = await secretNamed('nats-users');
  expect(Object.keys(after ?? {})).toContain('windower');
  expect({ ...after, windower: '' }).toEqual({ ...before, windower: '' });

  const bad = Buffer.from('1 bad').toString('base64');
  await api.patch(`${secrets}/nats-users`, { data: { windower: bad } });
  await using refused = runBundle(bundles, 'set-up', env);
  expect(await refused.ended).toBe(exitOutside);
  expect(refused.log.at(-1)?.msg).toContain(
    'windower of Secret nats-users cannot be used: give 16',
  );
});

test('its account may do nothing else', async () => {
  const own = await connectApi(env.FLYBALL_KUBECONFIG ?? '');
  const rules = await own.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
    spec: { namespace: system },
  });
  await expect(own.list(secrets)).rejects.toMatchObject({ status: 403 });
  await expect(own.list('/api/v1/namespaces/default/secrets')).rejects.toMatchObject({
    status: 403,
  });
  await own.close();
  expect(rules).toContain('"resourceNames":["nats-users","redis-password"]');
});
