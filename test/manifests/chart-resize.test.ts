/** The chart refuses a size of NATS by which the event log would be lost. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { chart, helm, whyNoHelm } from './helm.ts';

const run = promisify(execFile);

const apps = {
  ...{ kind: 'APIResourceList', groupVersion: 'apps/v1' },
  resources: [{ name: 'statefulsets', kind: 'StatefulSet', namespaced: true, verbs: ['get'] }],
};

/** What Helm asks an API server, where NATS has this size; undefined: there is none. */
const startCluster = async (servers: number | undefined) => {
  const answers: Readonly<Record<string, object>> = {
    '/version': { major: '1', minor: '36', gitVersion: 'v1.36.0' },
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/api/v1': { kind: 'APIResourceList', groupVersion: 'v1', resources: [] },
    '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
    '/apis/apps/v1': apps,
    ...(servers !== undefined && {
      '/apis/apps/v1/namespaces/scaling/statefulsets/nats': {
        ...{ apiVersion: 'apps/v1', kind: 'StatefulSet' },
        ...{ metadata: { name: 'nats', namespace: 'scaling' }, spec: { replicas: servers } },
      },
    }),
  };
  const server = createServer(({ url = '' }, response) => {
    const found = answers[url.split('?')[0] ?? ''];
    const missing = { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 };
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? missing));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
};

/** What runs, what is asked for, and what the chart says to that. */
const sizes: readonly (readonly [number | undefined, number, 'taken' | 'refused'])[] = [
  [undefined, 1, 'taken'],
  [undefined, 3, 'taken'],
  [1, 1, 'taken'],
  [3, 3, 'taken'],
  [3, 5, 'taken'],
  [0, 1, 'taken'],
  [1, 3, 'refused'],
  [3, 1, 'refused'],
];

it.for(sizes)(
  'NATS of size %s asked to be of size %s: %s',
  async ([before, now, answer], { skip }) => {
    skip(helm === undefined, whyNoHelm);
    await using cluster = await startCluster(before);
    const size = ['--set', `nats.servers=${now}`, '--kube-version', '1.36.0'];
    const place = ['--namespace', 'scaling', '--kube-apiserver', cluster.url];
    const words = ['template', 'flyball', chart, '--dry-run=server', ...place, ...size];
    const env = { PATH: process.env.PATH, KUBECONFIG: '/dev/null', HOME: '/nonexistent' };
    const rendered = run(helm ?? '', words, { env, maxBuffer: 10_000_000 });
    if (answer === 'taken') {
      await expect(rendered).resolves.toMatchObject({
        stdout: expect.stringContaining('kind: Job'),
      });
    } else {
      const told = `nats.servers is ${now}, and NATS runs with ${before}`;
      await expect(rendered).rejects.toMatchObject({ stderr: expect.stringContaining(told) });
    }
  },
);
