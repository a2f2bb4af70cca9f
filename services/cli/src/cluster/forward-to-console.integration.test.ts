/** `trace --cluster`: through the API server to a pod of the console; what is missing is told. */
import {
  type PodPortServer,
  type PodPortServerOptions,
  startPodPortServer,
} from '@flyball/platform/kubernetes/pod-port-testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runVerb } from '../testing/log-server.ts';
import { type StartedConsole, startConsoleOf } from '../testing/started-console.ts';
import { storyTraceId, tellColdStart } from '../testing/traced-story.ts';
import { findTraces, readRecordedTrace } from '../traces/find-recorded.ts';
import { trace } from '../verbs/trace.ts';

const pods = '/api/v1/namespaces/flyball-system/pods?labelSelector=';
const label = encodeURIComponent('app.kubernetes.io/name=console');

const pod = (ready: boolean, phase = 'Running') => ({
  metadata: { name: 'console-1' },
  spec: { containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }] },
  status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

let served: StartedConsole;

beforeAll(async () => {
  const story = await tellColdStart();
  served = await startConsoleOf(story);
  const { signal } = new AbortController();
  const [found] = await findTraces(story.reader, storyTraceId, { workload: undefined, signal });
  const told = found && (await readRecordedTrace(story.reader, found, signal));
  await served.tell(told?.spans ?? []);
});

afterAll(() => served[Symbol.asyncDispose]());

const startCluster = (
  given: object = pod(true),
  target: PodPortServerOptions['target'] = () => ({ port: Number(new URL(served.url).port) }),
): Promise<PodPortServer> =>
  startPodPortServer({
    get: (path) => (path === `${pods}${label}` ? { body: { items: [given] } } : undefined),
    target,
  });

const traceFrom = ({ kubeconfig }: PodPortServer, id?: string) =>
  runVerb((context) =>
    trace(context, { cluster: true, kubeconfig, limit: 20, output: 'json', id }),
  );

it('lists and shows what the console there keeps', async () => {
  await using cluster = await startCluster();
  const listed = await traceFrom(cluster);
  expect({ code: listed.code, error: listed.error }).toEqual({ code: 0, error: undefined });
  expect(JSON.parse(listed.lines.join('\n'))).toMatchObject([{ traceId: storyTraceId }]);
  const shown = await traceFrom(cluster, '4bf9');
  expect(JSON.parse(shown.lines.join('\n'))).toMatchObject({ source: 'console' });
  expect(new Set(cluster.opened)).toEqual(new Set(['console-1']));
});

it('lists what a console keeps that is not ready: NATS may be away', async () => {
  await using cluster = await startCluster(pod(false));
  const listed = await traceFrom(cluster);
  expect({ code: listed.code, error: listed.error }).toEqual({ code: 0, error: undefined });
  expect(JSON.parse(listed.lines.join('\n'))).toMatchObject([{ traceId: storyTraceId }]);
});

it('tells what is missing', async () => {
  await using starting = await startCluster(pod(false, 'Pending'));
  const { error } = await traceFrom(starting);
  expect(error?.message).toContain('Of 1 pods of the console in flyball-system none is ready');
  await using forbidden = await startCluster(pod(true), () => 403);
  const refused = await traceFrom(forbidden);
  expect(refused.error?.message).toContain('get and create pods/portforward');
});
