/** Calls to an API server: who asks, how long, and over which connections. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import { AppsV1Api } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ClusterAccess, connectCluster } from './cluster-access.ts';
import {
  type AnsweringServer,
  type SaidAnswer,
  startAnsweringServer,
} from './testing/answering-server.ts';

let folder: string;
let server: AnsweringServer;
let access: ClusterAccess | undefined;
let told: string[];
const answers: SaidAnswer[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-credentials-'));
  server = await startAnsweringServer(() => answers.shift() ?? { body: { items: [] } });
  told = [];
});
afterEach(async () => {
  answers.length = 0;
  await access?.close();
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const connect = (user: object): ClusterAccess => {
  const kubeconfig = join(folder, 'kubeconfig');
  const cluster = {
    server: `http://127.0.0.1:${server.port}/prefix`,
    'insecure-skip-tls-verify': true,
  };
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'test',
      clusters: [{ name: 'test', cluster }],
      users: [{ name: 'test', user }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    }),
  );
  const onCall = (verb: string, resource: string, code: number, tookMs: number) =>
    void told.push(`${verb} ${resource} ${code}${tookMs > 0 ? '' : ' in no time'}`);
  access = connectCluster({ kubeconfig, namespaces: [], onCall, requestTimeoutMs: 300 });
  return access;
};

it('says who it is, below the path of the server, and counts its calls', async () => {
  await connect({ token: 'secret' }).request({ path: '/api/v1/pods' });
  expect(server.calls).toMatchObject([
    { path: '/prefix/api/v1/pods', authorization: 'Bearer secret' },
  ]);
  expect(told).toEqual(['list pods 200']);
});

it('says it by name and password where it has them', async () => {
  await connect({ username: 'me', password: 'open' }).request({ path: '/version' });
  const expected = `Basic ${Buffer.from('me:open').toString('base64')}`;
  expect(server.calls[0]?.authorization).toBe(expected);
});

it('reads a token anew after it was refused', async () => {
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'old\n');
  // As a service account's: the file is replaced while we run.
  const script = `printf '%s' '{"apiVersion":"client.authentication.k8s.io/v1",\
"kind":"ExecCredential","status":{"token":"'$(cat ${tokenFile})'"}}'`;
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sh',
    args: ['-c', script],
  };
  const cluster = connect({ exec: { ...exec, interactiveMode: 'Never' } });
  await cluster.request({ path: '/version' });
  writeFileSync(tokenFile, 'new\n');
  answers.push({ status: 401, body: { message: 'Unauthorized' } });
  const refused = await cluster.request({ path: '/version' }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'PLATFORM_REFUSED', retriable: true, status: 401 });
  await cluster.request({ path: '/version' });
  expect(server.calls.map(({ authorization }) => authorization)).toEqual([
    'Bearer old',
    'Bearer old',
    'Bearer new',
  ]);
});

it('goes on with what it has while the kubeconfig is not there', async () => {
  const cluster = connect({ token: 'secret' });
  await cluster.request({ path: '/version' });
  rmSync(join(folder, 'kubeconfig'));
  answers.push({ status: 401 });
  await cluster.request({ path: '/version' }).catch(() => undefined);
  await cluster.request({ path: '/version' });
  expect(server.calls.at(-1)?.authorization).toBe('Bearer secret');
});

it('serves the typed APIs over the same connections', async () => {
  const apps = connect({}).api(AppsV1Api);
  expect((await apps.listDeploymentForAllNamespaces({ limit: 5 })).items).toEqual([]);
  answers.push({ status: 409, body: { message: 'changed' } });
  const read = apps.readNamespacedDeployment({ namespace: 'a', name: 'b' });
  await expect(read).rejects.toMatchObject({ code: 409 });
  answers.push({ reset: true });
  const cut = apps.readNamespacedDeployment({ namespace: 'a', name: 'b' });
  await expect(cut).rejects.toMatchObject({ code: 'PLATFORM_UNREACHABLE' });
  expect(server.calls[0]?.path).toBe('/prefix/apis/apps/v1/deployments?limit=5');
  expect(new Set(server.calls.map(({ connection }) => connection)).size).toBeLessThan(3);
  expect(told).toEqual(['list deployments 200', 'get deployments 409', 'get deployments 0']);
});

it('sends nothing before the time that was asked for, nor waits beyond a limit', async () => {
  const cluster = connect({});
  answers.push({ status: 429, headers: { 'retry-after': '1' }, body: { message: 'slowly' } });
  const beganMs = performance.now();
  await expect(cluster.request({ path: '/version' })).rejects.toMatchObject({ status: 429 });
  // Its own limit of 300 ms ends before that time.
  await expect(cluster.request({ path: '/version' })).rejects.toMatchObject({
    ...{ code: 'PLATFORM_UNREACHABLE', retriable: true, status: 429 },
  });
  expect(server.calls).toHaveLength(1);
  await cluster.request({ path: '/version', timeoutMs: 10_000 });
  expect(server.calls).toHaveLength(2);
  // Timers may fire a millisecond early.
  expect(performance.now() - beganMs).toBeGreaterThan(990);
});

it('has a connection for a write however many watches are open', async () => {
  // Given more watches than calls may be made at once: seven namespaces of ten kinds each.
  const cluster = connect({});
  const watches = Array.from(
    { length: 70 },
    (_, at) => `/api/v1/namespaces/n${at}/pods?watch=true`,
  );
  answers.push(...watches.map(() => ({ held: true })));
  // When all of them are open,
  const opened = await Promise.all(
    watches.map((path) => cluster.open({ path, silenceMaxMs: 10_000, timeoutMs: 10_000 })),
  );
  // Then a write is answered within its time.
  const path = '/api/v1/namespaces/n0/services/web';
  await cluster.request({ method: 'PATCH', path, body: {} });
  expect(server.calls).toHaveLength(71);
  expect(new Set(server.calls.map(({ connection }) => connection)).size).toBe(71);
  for (const body of opened) body.destroy();
});

it('ends what takes too long, and everything when it is closed', async () => {
  const cluster = connect({});
  answers.push({ silent: true }, { silent: true });
  const late = cluster.request({ path: '/version' });
  await expect(late).rejects.toMatchObject({ code: 'PLATFORM_UNREACHABLE', status: undefined });
  const cut = cluster.request({ path: '/version', timeoutMs: 60_000 });
  await Promise.all([expect(cut).rejects.toBeInstanceOf(OutsideError), cluster.close()]);
});

it.each([
  ['no file', '/nowhere/kubeconfig', undefined],
  ['no YAML', 'kubeconfig', '{'],
  ['no cluster', 'kubeconfig', '{"clusters":[],"users":[],"contexts":[]}'],
])('%s is no kubeconfig', (_, name, text) => {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  const open = () => connectCluster({ kubeconfig: path, namespaces: [] });
  expect(open).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
});

it('no kubeconfig at all is told, and no address is guessed', () => {
  const unset = ['KUBECONFIG', 'USERPROFILE', 'HOMEDRIVE', 'HOMEPATH'];
  for (const name of unset) vi.stubEnv(name, undefined);
  vi.stubEnv('HOME', folder);
  try {
    const open = () => connectCluster({ kubeconfig: '', namespaces: [] });
    expect(open).toThrow('neither by KUBECONFIG nor as ~/.kube/config');
  } finally {
    vi.unstubAllEnvs();
  }
});
