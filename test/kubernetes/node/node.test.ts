/** The node of the tests behaves as a node: pods start, answer, are restarted, and end. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { until } from '../../e2e/harness/until.ts';
import { type ApiClient, connectApi } from '../api/api-client.ts';
import { podOf } from './pod-object.ts';

const limitMs = 30_000;
const namespace = 'test-node';
const pods = `/api/v1/namespaces/${namespace}/pods`;

let api: ApiClient;

beforeAll(async () => {
  api = await connectApi(inject('kubeconfig'));
  await api.create('/api/v1/namespaces', { metadata: { name: namespace } });
});
afterAll(async () => {
  await api.delete(`/api/v1/namespaces/${namespace}`);
  await api.close();
});

const statusSchema = z.looseObject({
  podIP: z.string().default(''),
  conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]),
  containerStatuses: z
    .array(z.looseObject({ restartCount: z.int(), state: z.looseObject({}) }))
    .default([]),
});
const statusOf = async (name: string) =>
  statusSchema.parse(podOf(await api.get(`${pods}/${name}`)).status);

const isReady = ({ conditions }: z.infer<typeof statusSchema>): boolean =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

const deployment = (name: string, container: object) => ({
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [container] } },
  },
});

const podNames = async (app: string): Promise<readonly string[]> => {
  const { items } = await api.list(pods, { labelSelector: `app=${app}` });
  return items.map(({ metadata }) => metadata.name);
};

test('a Deployment gets pods that answer at addresses of their own, and loses them', async () => {
  const container = {
    ...{ name: 'app', image: 'gcr.io/knative-samples/autoscale-go:0.1' },
    readinessProbe: { tcpSocket: { port: 8080 } },
  };
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  await api.create(path, deployment('answers', container));
  await api.patch(`${path}/answers/scale`, { spec: { replicas: 3 } });
  const ready = await until('three pods are ready', { limitMs }, async () => {
    const statuses = await Promise.all((await podNames('answers')).map(statusOf));
    return statuses.length === 3 && statuses.every(isReady) && statuses;
  });
  const answers = await Promise.all(
    ready.map(async ({ podIP }) => (await fetch(`http://${podIP}:8080/?sleep=1`)).status),
  );
  expect(answers).toEqual([200, 200, 200]);
  expect(new Set(ready.map(({ podIP }) => podIP)).size).toBe(3);

  await api.patch(`${path}/answers/scale`, { spec: { replicas: 0 } });
  await until('no pod is left', { limitMs }, async () => {
    return (await podNames('answers')).length === 0;
  });
  await expect(fetch(`http://${ready[0]?.podIP}:8080/`)).rejects.toThrow();
});

const script = (text: string) => ({ image: 'none', command: ['node', '-e', text] });

test('a container that ends is started again, beside one that goes on', async () => {
  const serve = "require('http').createServer((q, s) => s.end(process.env.POD))";
  const listen = `${serve}.listen(Number(process.env.PORT), process.env.HOST)`;
  const env = [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
  const containers = [
    { name: 'serves', ...script(listen), env, ports: [{ containerPort: 8080 }] },
    { name: 'ends', ...script('setTimeout(() => process.exit(3), 100)') },
  ];
  await api.create(pods, { metadata: { name: 'two' }, spec: { containers } });
  const { podIP } = await until('it was restarted', { limitMs }, async () => {
    const status = await statusOf('two');
    return (status.containerStatuses[1]?.restartCount ?? 0) > 0 && status;
  });
  expect(await (await fetch(`http://${podIP}:8080/`)).text()).toBe('two');
  expect((await statusOf('two')).containerStatuses[0]?.restartCount).toBe(0);
});

test('a pod that ignores SIGTERM ends after its grace', async () => {
  const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
  const spec = {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'stubborn', ...script(stubborn) }],
  };
  await api.create(pods, { metadata: { name: 'stubborn' }, spec });
  await until('it runs', { limitMs }, async () => isReady(await statusOf('stubborn')));
  await api.delete(`${pods}/stubborn`);
  await until('it is gone', { limitMs }, async () => {
    const { items } = await api.list(pods, { fieldSelector: 'metadata.name=stubborn' });
    return items.length === 0;
  });
});

test('a container is told to end when its preStop hook has answered', async () => {
  const serve = `
    let waiting;
    require('http').createServer((asked, answer) => {
      if (asked.url === '/wait') waiting = answer;
      else if (asked.url === '/release') { waiting.end(); answer.end(); }
      else answer.end(waiting ? 'asked' : 'serves');
    }).listen(Number(process.env.PORT), process.env.HOST)`;
  const preStop = { httpGet: { path: '/wait', port: 8080 } };
  const app = { name: 'app', ...script(serve), ports: [{ containerPort: 8080 }] };
  const spec = { containers: [{ ...app, lifecycle: { preStop } }] };
  await api.create(pods, { metadata: { name: 'patient' }, spec });
  const says = async (): Promise<string | undefined> => {
    const { podIP } = await statusOf('patient');
    const answer = await fetch(`http://${podIP}:8080/`).catch(() => undefined);
    return answer?.text();
  };
  await until('it serves', { limitMs }, async () => (await says()) === 'serves');
  const { podIP } = await statusOf('patient');
  await api.delete(`${pods}/patient`);
  await until('its hook is asked', { limitMs }, async () => (await says()) === 'asked');
  await fetch(`http://${podIP}:8080/release`);
  await until('it is gone', { limitMs }, async () => {
    const { items } = await api.list(pods, { fieldSelector: 'metadata.name=patient' });
    return items.length === 0;
  });
});

test('an image that nobody knows is said, and nothing runs', async () => {
  const containers = [{ name: 'app', image: 'example.com/unknown:1' }];
  await api.create(pods, { metadata: { name: 'unknown' }, spec: { containers } });
  const state = await until('it waits', { limitMs }, async () => {
    const [status] = (await statusOf('unknown')).containerStatuses;
    return status?.state.waiting;
  });
  expect(state).toMatchObject({
    reason: 'CreateContainerConfigError',
    message: expect.stringContaining('example.com/unknown:1'),
  });
});

test('a Pod that is to run once ends as Succeeded or Failed', async () => {
  const once = (name: string, code: number) => ({
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'once', ...script(`process.exit(${code})`) }],
    },
  });
  await api.create(pods, once('well', 0));
  await api.create(pods, once('badly', 2));
  const phase = async (name: string) => podOf(await api.get(`${pods}/${name}`)).status.phase;
  await expect.poll(() => phase('well')).toBe('Succeeded');
  await expect.poll(() => phase('badly')).toBe('Failed');
});
